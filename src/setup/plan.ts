import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { countryPaths } from '../country/index.ts';
import { agiAddress, planInstall } from '../dialplan/index.ts';
import { type Edit, fromBytes, readText, toBytes } from '../edits.ts';
import { fault } from '../errors.ts';
import type { Answers } from './answers.ts';
import { configChanges } from './config-changes.ts';
import type { Facts } from './facts.ts';
import { dialplanFile } from './find-asterisk.ts';
import { managerEdit } from './manager-account.ts';
import { NOTHING_YET, type Present } from './present.ts';
import { rowChanges } from './row-changes.ts';
import type { RowChange } from './rows.ts';
import { GUARD, type Installed, idOf, SERVER, USER, unitEdits } from './services.ts';
import { editToml } from './toml.ts';

/** A file that setup writes, and whose it is to be where it is new. */
export interface PlannedFile extends Edit {
  /** The services' to read, the system's, or as another file is. */
  readonly owner: 'service' | 'system' | { readonly like: string };
  /** Holds nothing but a secret: its text is not shown. */
  readonly secret: boolean;
}

export interface PlannedFolder {
  readonly path: string;
  readonly owner: 'service' | 'system';
}

/** What has to read its files anew, in this order. */
export type Reload = 'systemd' | 'manager' | 'dialplan';

/** All that setup is going to do, in the order in which it does it. */
export interface Plan {
  /** The system user of the services, to be made. */
  readonly user: string | undefined;
  /** Folders to be made. */
  readonly folders: readonly PlannedFolder[];
  readonly databasePath: string;
  readonly rows: readonly RowChange[];
  readonly files: readonly PlannedFile[];
  readonly reloads: readonly Reload[];
  /** Where country data goes, if it is fetched: from its source, or from this file. */
  readonly country: { readonly path: string; readonly file: string | undefined } | undefined;
  /** Units to be enabled and started, and those that run and are to read their configuration. */
  readonly enable: readonly string[];
  readonly reloadUnits: readonly string[];
  /** Who gets a test mail. */
  readonly mail: readonly string[];
}

/** What makes one run differ from another. */
export interface Fresh {
  /** For the manager account. */
  readonly secret: string;
  /** Who makes the changes: `cli:root`. */
  readonly origin: string;
  readonly program: Installed;
}

const HEADER = `# Written by 'ipcountry setup'. Every key there is: 'docs/ipcountry.toml' of ipcountry.\n`;

/**
 * What the answers come to. Reads files, and changes nothing.
 * @throws Fault where something stands in the way
 */
export function makePlan(facts: Facts, answers: Answers, fresh: Fresh): Plan {
  const { configFile, manager } = facts;
  const account = answers.ami && manager && !manager.works ? manager : undefined;
  const { changes, secrets } = configChanges(facts, answers, account && fresh.secret);
  const accounts = account ? [managerEdit(account, facts.config.ami.user, fresh.secret)] : [];
  const dialplan = answers.dialplan ? dialplanEdits(facts) : [];
  const services = answers.services ? planServices(facts, answers, fresh) : NO_SERVICES;
  const own = [
    ...secrets.map(({ file, secret }) => ({ ...secretEdit(file, secret), secret: true })),
    { ...configEdit(configFile, changes), secret: false },
  ].map((edit): PlannedFile => ({ ...edit, owner: 'service' }));
  const others = [
    ...accounts.map((edit) => ({ ...edit, owner: like(edit, 'manager.conf') })),
    ...dialplan.map((edit) => ({ ...edit, owner: like(edit, 'extensions.conf') })),
    ...services.units.map((edit) => ({ ...edit, owner: 'system' as const })),
  ].map((edit): PlannedFile => ({ ...edit, secret: false }));
  const files = [...own, ...others].filter(({ before, after }) => before !== after);
  const target = targetOf(facts, services.data);
  return {
    user: services.user,
    folders: [...foldersFor(files), ...services.data],
    databasePath: target.databasePath,
    rows: rowChanges({ ...facts, present: target.present }, answers, fresh.origin),
    files,
    reloads: [
      ...(files.some(({ owner }) => owner === 'system') ? (['systemd'] as const) : []),
      ...(accounts.length > 0 ? (['manager'] as const) : []),
      ...(dialplan.length > 0 ? (['dialplan'] as const) : []),
    ],
    country: countryData(facts, answers, target, changes),
    enable: services.enable,
    reloadUnits: files.some(({ owner }) => owner === 'service')
      ? facts.services.running.filter((unit) => !services.enable.includes(unit))
      : [],
    mail: changes.some(({ section }) => section === 'mail') ? answers.mail : [],
  };
}

/** Whether a second run finds nothing to do. */
export function isEmpty({ user, country, databasePath: _, ...lists }: Plan): boolean {
  return !user && !country && Object.values(lists).every((list) => list.length === 0);
}

function like({ file }: Edit, name: string) {
  return { like: join(dirname(file), name) };
}

function secretEdit(file: string, secret: string): Edit {
  return { file, before: readText(file), after: toBytes(`${secret}\n`) };
}

function configEdit(file: string, changes: Parameters<typeof editToml>[1]): Edit {
  const before = readText(file);
  if (changes.length === 0) return { file, before, after: before };
  const text = before === undefined ? HEADER : fromBytes(before);
  return { file, before, after: toBytes(editToml(text, changes, file)) };
}

function dialplanEdits({ config: { agi }, asterisk }: Facts): Edit[] {
  if (!asterisk) return [];
  const address = agiAddress(agi.host, agi.port);
  const file = dialplanFile(asterisk);
  return planInstall({ kind: asterisk.kind, file, address, insist: false });
}

const NO_SERVICES = { user: undefined, data: [], units: [], enable: [] };

const SYSTEM_CONFIG = 'etc/ipcountry/ipcountry.toml';
const SYSTEM_DATA = 'var/lib/ipcountry';
/** Variables of this shell that the services would not have. */
const OVERRIDES = /^IPCOUNTRY_(?:DATABASE|AGI|COUNTRY|MAIL|AMI)_/;

function planServices(facts: Facts, answers: Answers, { program }: Fresh) {
  const { root, configFile, services, manager } = facts;
  if (!services.systemd) throw fault('setup-no-systemd');
  const variable = Object.keys(process.env).find((name) => OVERRIDES.test(name));
  if (variable) throw fault('setup-services-elsewhere', `the variable ${variable}`);
  if (configFile !== join(root, SYSTEM_CONFIG)) throw fault('setup-services-elsewhere', configFile);
  const { agi } = facts.config;
  // Somebody started it by hand: the service could not open the port.
  if (facts.answers && !services.active.includes(SERVER)) {
    throw fault('agi-port-in-use', agi.host, agi.port);
  }
  // The guard has nothing to do without an account.
  const guard = manager?.works || (answers.ami && manager !== undefined);
  const data: PlannedFolder = { path: join(root, SYSTEM_DATA), owner: 'service' };
  const user = idOf(root, 'passwd', USER) === undefined ? USER : undefined;
  return {
    user: services.packaged ? undefined : user,
    data: existsSync(data.path) ? [] : [data],
    units: services.packaged ? [] : unitEdits(root, program),
    enable: [SERVER, ...(guard ? [GUARD] : [])].filter((unit) => !services.running.includes(unit)),
  };
}

function foldersFor(files: readonly Edit[]): PlannedFolder[] {
  const folders = new Set(files.map(({ file }) => dirname(file)));
  return [...folders]
    .filter((path) => !existsSync(path))
    .map((path) => ({ path, owner: 'system' }));
}

/** Where the data is: a folder that setup makes for the services has none yet. */
interface Target {
  readonly databasePath: string;
  readonly present: Present;
  readonly countryPath: string;
  /** Country data of the folder that was used so far. */
  readonly countryFile: string | undefined;
}

function targetOf({ config, present }: Facts, [made]: readonly PlannedFolder[]): Target {
  const countryPath = countryPaths(config).country;
  const same = { databasePath: config.databasePath, present, countryPath, countryFile: undefined };
  if (!made) return same;
  const own = config.country.path !== undefined;
  return {
    databasePath: config.database.path ?? join(made.path, basename(config.databasePath)),
    present: config.database.path === undefined ? { ...NOTHING_YET, sample: !own } : present,
    countryPath: own ? countryPath : join(made.path, basename(countryPath)),
    countryFile: own || present.sample ? undefined : countryPath,
  };
}

function countryData(
  { config: { country }, present }: Facts,
  { source }: Answers,
  { countryPath: path, countryFile }: Target,
  changes: readonly { readonly section: string }[],
): Plan['country'] {
  if (source.kind === 'file') return { path, file: source.file };
  const updates = source.kind === 'keep' ? country.source !== 'none' : source.kind !== 'none';
  const changed = changes.some(({ section }) => section === 'country');
  if (updates && (changed || present.sample)) return { path, file: undefined };
  return countryFile === undefined ? undefined : { path, file: countryFile };
}
