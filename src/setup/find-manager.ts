import { join } from 'node:path';
import { amiAccount, connectAmi } from '../ami/index.ts';
import { type Place, readConf, settingOf, truth } from '../asterisk/index.ts';
import type { Config } from '../config.ts';
import { readText } from '../edits.ts';
import { Fault } from '../errors.ts';
import { isInBlock, outsideBlock } from '../marked-block.ts';

/** Asterisk's manager interface as its configuration has it, and our account there. */
export interface FoundManager {
  /** Whether the account of our configuration can log in now. */
  readonly works: boolean;
  /** Whether it is on without what we have written. */
  readonly enabled: boolean;
  /** Whether there is a [general] to add to. */
  readonly general: boolean;
  /** Where it is reached from this host. */
  readonly host: string;
  readonly port: number;
  /** The file that takes our account. */
  readonly file: string;
  /** An account of our name that somebody else wrote. */
  readonly foreign: Place | undefined;
}

/** FreePBX writes manager.conf itself, and includes this one for the administrator's own. */
const CUSTOM = 'manager_custom.conf';
const PORT = 5038;

/** @throws Fault where markers of ours are damaged */
export async function findManager(
  folder: string,
  config: Pick<Config, 'ami'>,
): Promise<FoundManager> {
  const conf = readConf(folder, 'manager.conf');
  const main = join(folder, 'manager.conf');
  const { includes } = outsideBlock(readText(main) ?? '', main);
  const name = includes.some(({ text }) => text === CUSTOM) ? CUSTOM : 'manager.conf';
  const file = join(folder, name);
  const text = readText(file) ?? '';
  const isOurs = (place: Place) => place.file === name && isInBlock(text, place.line, file);
  const general = conf.sections.find((section) => section.name === 'general');
  const settings = general?.settings.filter((setting) => !isOurs(setting)) ?? [];
  const value = (key: string) => general && settingOf({ ...general, settings }, key)?.value;
  return {
    works: await logsIn(config),
    enabled: truth(value('enabled')) ?? false,
    general: general !== undefined && !isOurs(general),
    host: reachedAt(value('bindaddr')),
    port: Number(value('port')) || PORT,
    file,
    foreign: conf.sections.find((section) => section.name === config.ami.user && !isOurs(section)),
  };
}

/** Bound to all addresses, it is reached on loopback as well. */
function reachedAt(bindaddr: string | undefined): string {
  const bound = bindaddr?.trim() ?? '';
  return ['', '0.0.0.0', '::', '[::]'].includes(bound) ? '127.0.0.1' : bound;
}

async function logsIn(config: Pick<Config, 'ami'>): Promise<boolean> {
  if (config.ami.secret === '') return false;
  try {
    (await connectAmi(amiAccount(config, 'off'))).close();
    return true;
  } catch (cause) {
    if (cause instanceof Fault) return false;
    throw cause;
  }
}
