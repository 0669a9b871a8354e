import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { type Parsed, schema } from './config-schema.ts';
import { fault } from './errors.ts';
import { library } from './library.ts';
import { mismatch, typeOf } from './shape.ts';

/** Where the configuration is, if nothing else is said. */
export const SYSTEM_FILE = '/etc/ipcountry/ipcountry.toml';
const SYSTEM_DATA = '/var/lib/ipcountry';

export interface Config extends Parsed {
  /** The file it was read from, if any. */
  readonly file: string | undefined;
  /** The folder for database, country database and their like. */
  readonly dataFolder: string;
  readonly databasePath: string;
}

/** Sections whose `…_file` keys hold the name of a file with the secret in it. */
export const SECRETS = [
  ['country', 'license_key'],
  ['mail', 'password'],
  ['ami', 'secret'],
  ['freepbx', 'password'],
] as const;

/**
 * Reads the configuration: `file`, else IPCOUNTRY_CONFIG, else /etc/ipcountry/ipcountry.toml if it
 * is there, else defaults; then IPCOUNTRY_<SECTION>_<KEY> variables on top.
 * @throws Fault that names the file, the line, the key and what it should be
 */
export function loadConfig(file?: string, env: NodeJS.ProcessEnv = process.env): Config {
  const chosen =
    file ?? env['IPCOUNTRY_CONFIG'] ?? (existsSync(SYSTEM_FILE) ? SYSTEM_FILE : undefined);
  const text = chosen === undefined ? '' : readConfigFile(chosen);
  const raw = parseToml(text, chosen ?? '');
  checkSections(raw, text, chosen);
  const fromEnv = overrideFromEnvironment(raw, env);
  const result = v.safeParse(schema, raw, { message: mismatch });
  if (!result.success) throw explain(result.issues[0], text, chosen, fromEnv);
  const parsed = result.output;
  for (const [section, key] of SECRETS) readSecret(parsed, section, key);
  const dataFolder = defaultDataFolder();
  return {
    ...parsed,
    file: chosen,
    dataFolder,
    databasePath: parsed.database.path ?? join(dataFolder, 'ipcountry.db'),
  };
}

function readConfigFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const { code = 'error' } = cause as NodeJS.ErrnoException;
    throw code === 'EACCES' ? fault('config-denied', file) : fault('config-unreadable', file, code);
  }
}

function parseToml(text: string, file: string): Record<string, unknown> {
  if (text === '') return {};
  const { parse, TomlError } = library('smol-toml') as typeof import('smol-toml');
  try {
    return parse(text);
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    const what = cause.message.split('\n')[0]!.replace(/^Invalid TOML document: /, '');
    throw fault('config-syntax', file, cause.line, what);
  }
}

/** @throws Fault for a list or a date in place of a section: valibot takes them for objects, too */
function checkSections(raw: Record<string, unknown>, text: string, file: string | undefined) {
  for (const section of Object.keys(schema.entries)) {
    const value = raw[section];
    if (value === undefined || typeOf(value) === 'object') continue;
    const where = `${file ?? ''} line ${lineOf(text, section)}`;
    throw fault('config-value', where, section, `expected a section, received ${typeOf(value)}`);
  }
}

/**
 * @returns which keys came from the environment: 'section.key' → variable
 * @throws Fault for a variable of a known section that names no key: a slip must not go unnoticed
 */
function overrideFromEnvironment(raw: Record<string, unknown>, env: NodeJS.ProcessEnv) {
  const used = new Map<string, string>();
  for (const section of Object.keys(schema.entries)) {
    const prefix = `IPCOUNTRY_${section}_`.toUpperCase();
    const keys = keysOf(section);
    for (const [variable, value] of Object.entries(env)) {
      if (!variable.startsWith(prefix) || value === undefined || value === '') continue;
      const key = variable.slice(prefix.length).toLowerCase();
      if (!keys.includes(key)) {
        throw fault('config-variable-unknown', variable, section, keys.join(', '));
      }
      raw[section] ??= {};
      (raw[section] as Record<string, unknown>)[key] = value;
      used.set(`${section}.${key}`, variable);
    }
  }
  return used;
}

function explain(
  { type, expected, path, message }: v.BaseIssue<unknown>,
  text: string,
  file: string | undefined,
  fromEnv: Map<string, string>,
) {
  const [section = '', key] = (path ?? []).map((item) => String(item.key));
  if (type === 'strict_object' && expected === 'never') {
    return key === undefined
      ? fault('config-section-unknown', file ?? '', lineOf(text, section), section, sectionNames())
      : fault(
          'config-key-unknown',
          file ?? '',
          lineOf(text, section, key),
          section,
          key,
          keysOf(section).join(', '),
        );
  }
  const name = [section, key].filter((part) => part !== undefined).join('.');
  const where = fromEnv.get(name) ?? `${file ?? ''} line ${lineOf(text, section, key)}`;
  return fault('config-value', where, name, message);
}

const sectionNames = () => Object.keys(schema.entries).join(', ');

function keysOf(section: string): string[] {
  const inner = schema.entries[section as keyof typeof schema.entries];
  return inner === undefined ? [] : Object.keys(inner.wrapped.entries);
}

/** The line (from 1) where the section, or its key, stands; the parser keeps no positions. */
function lineOf(text: string, section: string, key?: string): number {
  const lines = text.split(/\r?\n/).map((line) => line.replace(/[\s"']/g, ''));
  const find = (from: number, to: number, ...beginnings: string[]) =>
    lines.findIndex(
      (line, i) =>
        i >= from && i < to && beginnings.some((beginning) => line.startsWith(beginning)),
    );
  const header = find(0, lines.length, `[${section}]`);
  const nextHeader = find(header + 1, lines.length, '[');
  const end = nextHeader < 0 ? lines.length : nextHeader;
  const places = [
    key !== undefined && header >= 0 ? find(header, end, `${key}=`, `${key}.`) : -1,
    key !== undefined
      ? find(0, lines.length, `${section}.${key}=`, `${section}.${key}.`, `[${section}.${key}]`)
      : -1,
    header,
    find(0, lines.length, `${section}=`, `${section}.`, `[[${section}`, `[${section}.`),
  ];
  return (places.find((at) => at >= 0) ?? -1) + 1;
}

function readSecret(parsed: Parsed, section: (typeof SECRETS)[number][0], key: string): void {
  const table = parsed[section] as Record<string, unknown>;
  const file = table[`${key}_file`];
  if (typeof file !== 'string') return;
  if (table[key]) throw fault('config-secret-twice', `${section}.${key}`, `${section}.${key}_file`);
  table[key] = readConfigFile(file).trim();
}

/**
 * /var/lib/ipcountry when it is there, else data/ in the working folder. Who may not write to the
 * former is told so: rules that went into another database would be a surprise.
 */
function defaultDataFolder(): string {
  return existsSync(SYSTEM_DATA) ? SYSTEM_DATA : join(process.cwd(), 'data');
}
