import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { askAsterisk, readConf } from '../asterisk/index.ts';
import { defaultFile, detectKind, type Kind } from '../dialplan/index.ts';
import { Fault, fault } from '../errors.ts';
import { runProgram } from './run-program.ts';

/** The Asterisk that setup is for. */
export interface FoundAsterisk {
  /** How its console is called. */
  readonly console: string;
  /** `22.10.1`. */
  readonly version: string;
  /** Why it can't be asked; undefined where it runs. */
  readonly silent: Fault | undefined;
  /** Channel technologies by which calls come in from outside: PJSIP, SIP, IAX2. */
  readonly drivers: readonly string[];
  readonly kind: Kind;
  /** Its configuration folder. */
  readonly folder: string;
}

const FOLDER = '/etc/asterisk';

/** Of what `core show channeltypes` lists, what has an outside; the rest is Asterisk's own. */
const OUTSIDE = /^(PJSIP|SIP|IAX2|DAHDI|OOH323|Motif|MGCP|Skinny|USTM|mISDN)\b/gm;

/**
 * @param console as askAsterisk takes it
 * @param folder where the administrator says that the configuration is
 * @throws Fault where there is no configuration
 */
export async function findAsterisk(
  console: string,
  folder: string | undefined,
): Promise<FoundAsterisk> {
  const { output, silent } = await ask(console, 'core show version');
  const version = versionIn(output || (await versionOf(console)));
  const etc = folder ?? (await folderOf(console)) ?? FOLDER;
  if (!existsSync(etc)) throw silent ?? fault('setup-folder', etc);
  const drivers = silent ? driversIn(etc) : await driversOf(console);
  return { console, version, silent, drivers, kind: kindOf(etc), folder: etc };
}

/** The file that takes our dialplan. */
export function dialplanFile({ kind, folder }: FoundAsterisk): string {
  return join(folder, basename(defaultFile(kind)));
}

async function ask(console: string, command: string) {
  try {
    return { output: await askAsterisk(console, command), silent: undefined };
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    return { output: '', silent: cause };
  }
}

/** One that does not run can still tell its version. */
async function versionOf(console: string): Promise<string> {
  const [program = '', ...words] = console.split(/\s+/).filter(Boolean);
  return runProgram(program, ...words, '-V').catch(() => '');
}

function versionIn(text: string): string {
  return /Asterisk (?:certified\/)?(\d[\w.-]*)/.exec(text)?.[1] ?? 'of unknown version';
}

/** Where the running Asterisk says its configuration is, if that is a folder of this system. */
async function folderOf(console: string): Promise<string | undefined> {
  const { output } = await ask(console, 'core show settings');
  const folder = /^\s*Configuration directory:\s*(\/.*\S)\s*$/m.exec(output)?.[1];
  return folder && existsSync(folder) ? folder : undefined;
}

function kindOf(folder: string): Kind {
  if (existsSync(join(folder, basename(defaultFile('freepbx'))))) return 'freepbx';
  return folder === FOLDER ? detectKind() : 'plain';
}

async function driversOf(console: string): Promise<string[]> {
  const { output } = await ask(console, 'core show channeltypes');
  return [...output.matchAll(OUTSIDE)].map(([, name]) => name!);
}

/** What modules.conf loads by name. What `autoload` would find, only a running Asterisk tells. */
function driversIn(folder: string): string[] {
  const settings = readConf(folder, 'modules.conf').sections.flatMap(({ settings }) => settings);
  return settings.flatMap(({ name, value }) => {
    const driver = /^chan_(\w+?)(?:\.so)?$/.exec(value.trim())?.[1];
    return driver && /^(pre)?load$/i.test(name) ? [driver.toUpperCase()] : [];
  });
}
