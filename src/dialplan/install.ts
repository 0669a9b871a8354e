import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { applyEdit, type Edit, readText, toBytes } from '../edits.ts';
import { fault } from '../errors.ts';
import { hasBlock, outsideBlock, withBlock, withoutBlock } from '../marked-block.ts';
import { dialplanText, type Kind } from './source.ts';
import { readSteps } from './steps.ts';

const ASTERISK_FOLDER = '/etc/asterisk';
const FREEPBX_FILE = join(ASTERISK_FOLDER, 'extensions_override_freepbx.conf');
const PLAIN_FILE = join(ASTERISK_FOLDER, 'extensions.conf');
/** Beside the plain extensions.conf, which includes it. */
const OWN_FILE = 'ipcountry.conf';
const BY = 'ipcountry dialplan install';

/**
 * FreePBX is known by its configuration file, or by the override file that it alone has.
 * @param root where the PBX's file system begins
 */
export function detectKind(root = '/'): Kind {
  const marks = ['/etc/freepbx.conf', FREEPBX_FILE];
  return marks.some((file) => existsSync(join(root, file))) ? 'freepbx' : 'plain';
}

export function defaultFile(kind: Kind): string {
  return kind === 'freepbx' ? FREEPBX_FILE : PLAIN_FILE;
}

export interface InstallOptions {
  readonly kind: Kind;
  /** The override file of FreePBX; the extensions.conf of plain Asterisk. */
  readonly file: string;
  /** As agiAddress() gives it. */
  readonly address: string;
  /** Goes on where a context of ours is defined outside the markers. */
  readonly insist: boolean;
}

/**
 * What an installation would change, in the order in which it is to be written. Nothing where all
 * is up to date.
 * @throws Fault where a file can't be read, its markers are damaged, or it defines our contexts
 */
export function planInstall({ kind, file, address, insist }: InstallOptions): Edit[] {
  const text = toBytes(dialplanText(kind, address));
  if (kind === 'freepbx') return changed(install(file, text, text, insist));
  if (!existsSync(file)) throw fault('dialplan-absent', file);
  const own = join(dirname(file), OWN_FILE);
  const edits = [install(own, text, text, insist)];
  const main = readText(file) ?? '';
  const included = outsideBlock(main, file).includes.some(
    ({ text }) => basename(text) === OWN_FILE,
  );
  if (!included || hasBlock(main, file)) {
    edits.push(install(file, `#include ${OWN_FILE}`, text, insist));
  } else refuseOurs(main, file, text, insist);
  return changed(...edits);
}

/** What taking the installation away would change. @throws Fault where the markers are damaged */
export function planRemove({ kind, file }: Pick<InstallOptions, 'kind' | 'file'>): Edit[] {
  // First the file that includes the other, so that Asterisk never misses an included one.
  const files = kind === 'freepbx' ? [file] : [file, join(dirname(file), OWN_FILE)];
  return changed(
    ...files.map((name) => {
      const before = readText(name);
      const rest = before === undefined ? '' : withoutBlock(before, name);
      const gone = basename(name) === OWN_FILE && rest.trim() === '';
      return { file: name, before, after: before === undefined || gone ? undefined : rest };
    }),
  );
}

function install(file: string, block: string, dialplan: string, insist: boolean): Edit {
  const before = readText(file);
  refuseOurs(before ?? '', file, dialplan, insist);
  return { file, before, after: withBlock(before ?? '', block, { file, by: BY, at: 'top' }) };
}

/**
 * Asterisk merges contexts of one name: a hand-made [from-sip-external] would mix with ours.
 */
function refuseOurs(text: string, file: string, dialplan: string, insist: boolean): void {
  if (insist) return;
  const ours = new Set(readSteps(dialplan).map((step) => step.context));
  const clash = outsideBlock(text, file).sections.find((section) => ours.has(section.text));
  if (clash) throw fault('dialplan-context', file, clash.line, clash.text);
}

function changed(...edits: readonly Edit[]): Edit[] {
  return edits.filter(({ before, after }) => before !== after);
}

/**
 * Carries the edits out, each file whole or not at all, its old text kept beside it.
 * @returns the backup of each file that was there before, by file
 * @throws Fault where one can't be written
 */
export function applyEdits(edits: readonly Edit[], now: Date): Map<string, string> {
  const backups = new Map<string, string>();
  for (const edit of edits) {
    const { file, before } = edit;
    if (before !== undefined) {
      const backup = backupName(file, now);
      applyEdit({ file: backup, before: undefined, after: before }, file);
      backups.set(file, backup);
    }
    applyEdit(edit, join(dirname(file), basename(PLAIN_FILE)));
  }
  return backups;
}

/** `extensions.conf.20261121-140322`: no name that `#include *.conf` would take. */
function backupName(file: string, now: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  const time = `${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
  const name = `${file}.${day}-${time}`;
  for (let i = 1; ; i++) {
    const free = i === 1 ? name : `${name}-${i}`;
    if (!existsSync(free)) return free;
  }
}
