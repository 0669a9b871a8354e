import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { agiAddress, planInstall } from '../dialplan/index.ts';
import { type Edit, fromBytes, readText, toBytes } from '../edits.ts';
import type { Answers } from './answers.ts';
import { configChanges } from './config-changes.ts';
import type { Facts } from './facts.ts';
import { dialplanFile } from './find-asterisk.ts';
import { managerEdit } from './manager-account.ts';
import { countryData, dataFor } from './plan-data.ts';
import { NO_SERVICES, planServices } from './plan-services.ts';
import { rowChanges } from './row-changes.ts';
import type { RowChange } from './rows.ts';
import type { Installed } from './services.ts';
import { editToml } from './toml.ts';

/** What a file is part of, in the order in which they are written. */
export type Part = 'config' | 'unit' | 'manager' | 'dialplan';

/** A file that setup writes. */
export interface PlannedFile extends Edit {
  readonly part: Part;
  /** Holds nothing but a secret: its text is not shown. */
  readonly secret: boolean;
}

/** A folder to be made: the system's, or one that the services write to. */
export interface PlannedFolder {
  readonly path: string;
  readonly owner: 'system' | 'service';
}

/** All that setup is going to do. */
export interface Plan {
  /** The system user of the services, to be made. */
  readonly user: string | undefined;
  readonly folders: readonly PlannedFolder[];
  readonly databasePath: string;
  readonly rows: readonly RowChange[];
  readonly files: readonly PlannedFile[];
  /** Where country data goes, if it is fetched: from its source, or from this file. */
  readonly country: { readonly path: string; readonly file: string | undefined } | undefined;
  /** Units to be enabled and started. */
  readonly enable: readonly string[];
  /** Units that run, and are to read their configuration anew. */
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
  const { config, configFile, manager } = facts;
  const account = answers.ami && manager && !manager.works ? manager : undefined;
  const { changes, secrets } = configChanges(facts, answers, account && fresh.secret);
  const services = answers.services ? planServices(facts, answers, fresh.program) : NO_SERVICES;
  const files = [
    ...secrets.map(({ file, secret }) => planned('config', secretEdit(file, secret), true)),
    planned('config', configEdit(configFile, changes)),
    ...services.units.map((edit) => planned('unit', edit)),
    ...(account ? [planned('manager', managerEdit(account, config.ami.user, fresh.secret))] : []),
    ...(answers.dialplan ? dialplanEdits(facts).map((edit) => planned('dialplan', edit)) : []),
  ].filter(({ before, after }) => before !== after);
  const data = dataFor(facts, services.folders);
  const rests = facts.services.running.filter((unit) => !services.enable.includes(unit));
  return {
    user: services.user,
    folders: [...foldersFor(files), ...services.folders],
    databasePath: data.databasePath,
    rows: rowChanges({ ...facts, present: data.present }, answers, fresh.origin),
    files,
    country: countryData(facts, answers, data, changes),
    enable: services.enable,
    reloadUnits: hasPart({ files }, 'config') ? rests : [],
    mail: changes.some(({ section }) => section === 'mail') ? answers.mail : [],
  };
}

/** Whether a file of this part is written, so that whoever reads it must be told. */
export function hasPart({ files }: Pick<Plan, 'files'>, part: Part): boolean {
  return files.some((file) => file.part === part);
}

/** Whether there is nothing to do. */
export function isEmpty({ user, country, databasePath: _, ...lists }: Plan): boolean {
  return !user && !country && Object.values(lists).every((list) => list.length === 0);
}

function planned(part: Part, edit: Edit, secret = false): PlannedFile {
  return { ...edit, part, secret };
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

function foldersFor(files: readonly Edit[]): PlannedFolder[] {
  const folders = new Set(files.map(({ file }) => dirname(file)));
  return [...folders]
    .filter((path) => !existsSync(path))
    .map((path) => ({ path, owner: 'system' }));
}
