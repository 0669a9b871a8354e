import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { askAsterisk, type Conf, readConf } from '../asterisk/index.ts';
import { detectKind, type Kind } from '../dialplan/index.ts';
import { Fault, fault } from '../errors.ts';
import { openHost } from './open-host.ts';
import { type OwnParts, openOwn } from './open-own.ts';
import type { Pbx } from './pbx.ts';

export const ASTERISK_FOLDER = '/etc/asterisk';

export interface PbxParts extends OwnParts {
  readonly folder: string;
  /** How Asterisk's console is called. */
  readonly asterisk: string;
  /** Only the files of the folder count: neither this host nor what runs on it is asked. */
  readonly offline: boolean;
}

export interface OpenPbx extends Pbx {
  /** Why Asterisk gave no answer, where it was asked and did not. */
  silence(): string | undefined;
  /** What of the files read so far could not be, a line each. */
  remarks(): readonly string[];
}

/** One of these is in the folder of every Asterisk. */
const FILES = ['asterisk.conf', 'extensions.conf', 'modules.conf', 'pjsip.conf', 'sip.conf'];

/**
 * The PBX on this host, or, offline, the one whose files these are.
 * @throws Fault where there is no configuration of Asterisk in the folder
 */
export function openPbx(parts: PbxParts): OpenPbx {
  const { folder, asterisk, offline } = parts;
  if (!FILES.some((file) => existsSync(join(folder, file)))) throw fault('audit-folder', folder);
  const confs = new Map<string, Conf>();
  const answers = new Map<string, Promise<string | undefined>>();
  let silence: string | undefined;

  /** Asterisk that did not answer once is not asked again: each time could take 15 seconds. */
  async function ask(command: string): Promise<string | undefined> {
    if (offline || silence !== undefined) return undefined;
    try {
      return await askAsterisk(asterisk, command);
    } catch (cause) {
      if (!(cause instanceof Fault)) throw cause;
      silence = cause.message;
      return undefined;
    }
  }

  return {
    kind: kindOf(folder),
    folder,
    conf: (file) => kept(confs, file, () => readConf(folder, file)),
    ask: (command) => kept(answers, command, () => ask(command)),
    host: offline ? undefined : openHost(),
    own: openOwn(parts),
    now: parts.now,
    silence: () => silence,
    remarks: () => [...new Set([...confs.values()].flatMap((conf) => conf.remarks))],
  };
}

function kindOf(folder: string): Kind {
  if (folder === ASTERISK_FOLDER) return detectKind();
  return existsSync(join(folder, 'extensions_override_freepbx.conf')) ? 'freepbx' : 'plain';
}

function kept<T>(values: Map<string, T>, key: string, make: () => T): T {
  const known = values.get(key);
  if (known !== undefined) return known;
  const made = make();
  values.set(key, made);
  return made;
}
