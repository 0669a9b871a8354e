import { existsSync, readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { ASTERISK } from '../asterisk/index.ts';
import { whyNoMailbox } from '../config-schema.ts';
import { fault } from '../errors.ts';
import {
  checkedDomain,
  checkedExtension,
  formatRoute,
  parseDial,
  parseGoto,
  parseRoute,
} from '../policy/index.ts';
import type { Answers, ExtensionAnswer, SourceAnswer } from '../setup/index.ts';
import { checkedCountry } from './country-code.ts';

export interface SetupOptions {
  readonly countries?: string;
  readonly source?: string;
  readonly accountId?: string;
  readonly licenseKeyFile?: string;
  readonly geoipConf?: string;
  readonly countryFile?: string;
  readonly domains?: string;
  readonly extension?: readonly string[];
  readonly mail?: string;
  readonly ami?: boolean;
  readonly dialplan?: boolean;
  readonly services?: boolean;
  readonly asterisk: string;
  readonly asteriskFolder?: string;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly undo?: boolean;
}

/** One for each question, in their order. */
export function addSetupFlags(setup: Command): Command {
  return setup
    .option('--source <source>', 'country data: dbip (no account), maxmind or none')
    .option('--account-id <id>', "MaxMind's account")
    .option('--license-key-file <file>', 'a file with its licence key')
    .option('--geoip-conf <file>', 'a GeoIP.conf that has both')
    .option('--country-file <file>', 'take country data from this file')
    .option('--countries <codes>', 'countries that may call, the whole list: US,CA; or none')
    .option(
      '--domains <names>',
      'host names that anonymous calls may be for, the whole list; or none',
    )
    .addOption(
      new Option(
        '--extension <name=where>',
        'what anonymous callers may dial; say it for each, the whole list',
      ).argParser((text: string, all: string[] = []) => [...all, text]),
    )
    .option('--mail <addresses>', 'who is told of strangers; or none')
    .option('--ami', "write an account for Asterisk's manager interface")
    .option('--no-ami', 'write none')
    .option('--dialplan', 'install the dialplan')
    .option('--no-dialplan', 'leave the dialplan alone')
    .option('--services', 'start server and guard, now and at boot')
    .option('--no-services', 'start nothing')
    .option('--asterisk <command>', "how to call Asterisk's console", ASTERISK)
    .option('--asterisk-folder <folder>', 'its configuration (default: where Asterisk says)')
    .option('--yes', 'ask nothing: what no flag says stays as it is')
    .option('--dry-run', 'show what would be written, and write nothing')
    .option('--undo', 'take back what the last setup did');
}

/** The answers that the flags give. @throws Fault where one can't be understood */
export function readFlags(options: SetupOptions): Partial<Answers> {
  const { countries, domains, extension, mail, ami, dialplan, services } = options;
  const source = readSource(options);
  return {
    ...(source && { source }),
    ...(countries !== undefined && { countries: each(listOf(countries).map(checkedCountry)) }),
    ...(domains !== undefined && { domains: each(listOf(domains).map(checkedDomain)) }),
    ...(extension && { extensions: lastOfEach(extension.map(checkedEntry)) }),
    ...(mail !== undefined && { mail: listOf(mail).map(checkedMail) }),
    ...(ami !== undefined && { ami }),
    ...(dialplan !== undefined && { dialplan }),
    ...(services !== undefined && { services }),
  };
}

const each = (names: readonly string[]) => [...new Set(names)];

function lastOfEach(entries: readonly ExtensionAnswer[]): ExtensionAnswer[] {
  return [...new Map(entries.map((entry) => [entry.name, entry])).values()];
}

/** Separated by commas or blanks, each once; `none` for an empty list. */
export function listOf(text: string): string[] {
  const words = text.split(/[\s,]+/).filter(Boolean);
  return /^none$/i.test(text.trim()) ? [] : each(words);
}

/** Reads `weather=from-internal,947,1` or `951=PJSIP/951`. @throws Fault */
export function checkedEntry(text: string): ExtensionAnswer {
  const at = text.indexOf('=');
  if (at < 1) throw fault('setup-extension', text);
  const where = text.slice(at + 1).trim();
  const route = /^(?:goto|dial),/.test(where)
    ? parseRoute(where)
    : where.includes(',')
      ? parseGoto(where)
      : parseDial(where);
  return { name: checkedExtension(text.slice(0, at).trim()), route: formatRoute(route) };
}

/** @throws Fault */
export function checkedMail(text: string): string {
  const why = whyNoMailbox(text);
  if (why !== undefined) throw fault('config-value', '--mail', 'mail.to', why);
  return text;
}

/** Where geoipupdate's packages put it. */
export const GEOIP_CONF = '/etc/GeoIP.conf';

function readSource(options: SetupOptions): SourceAnswer | undefined {
  const { source, accountId, licenseKeyFile, geoipConf, countryFile } = options;
  refuseContrary(options);
  if (countryFile !== undefined) return { kind: 'file', file: countryFile };
  if (geoipConf !== undefined) return { kind: 'geoip-conf', file: geoipConf };
  const account = accountId !== undefined || licenseKeyFile !== undefined;
  if (source === 'maxmind' || (source === undefined && account)) {
    if (!account && existsSync(GEOIP_CONF)) return { kind: 'geoip-conf', file: GEOIP_CONF };
    if (accountId === undefined) throw fault('setup-missing', "MaxMind's account", '--account-id');
    if (licenseKeyFile === undefined) {
      throw fault('setup-missing', "MaxMind's licence key", '--license-key-file');
    }
    const id = checkedAccountId(accountId);
    return { kind: 'maxmind', accountId: id, licenseKey: readKey(licenseKeyFile) };
  }
  if (source === undefined) return undefined;
  if (source !== 'dbip' && source !== 'none') throw fault('setup-source', source);
  return { kind: source };
}

/** Country data comes from one place. @throws Fault setup-contrary */
function refuseContrary(options: SetupOptions): void {
  const { source, accountId, licenseKeyFile, geoipConf, countryFile } = options;
  const said = [
    ['--country-file', countryFile],
    ['--geoip-conf', geoipConf],
    ['--account-id', accountId ?? licenseKeyFile],
  ].flatMap(([flag, value]) => (value === undefined ? [] : [flag!]));
  // Where the account is and where it is from go together.
  const rest = source === undefined || (source === 'maxmind' && countryFile === undefined);
  const [first, second] = rest ? said : [...said, `--source ${source}`];
  if (first && second) throw fault('setup-contrary', first, second);
}

/** @throws Fault */
export function checkedAccountId(text: string): string {
  const id = text.trim();
  if (!/^\d{1,12}$/.test(id)) throw fault('setup-account-id', text);
  return id;
}

function readKey(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw fault('file-read', file, (cause as NodeJS.ErrnoException).code ?? 'error');
  }
  if (text === '') throw fault('setup-empty-file', file, 'a licence key');
  return text;
}
