import { existsSync } from 'node:fs';
import type { Config } from '../config.ts';
import { countryPaths, openCountryData } from '../country/index.ts';
import { openDatabase } from '../database/index.ts';
import { Fault } from '../errors.ts';
import { createLog } from '../log.ts';
import {
  getMode,
  type ListedExtension,
  listDomains,
  listExtensions,
  listRules,
  type Mode,
  type Rule,
} from '../policy/index.ts';

/** What was chosen before, and is asked about with that answer. */
export interface Present {
  /** Whether there is a database already. */
  readonly database: boolean;
  /** Permit rules for countries. */
  readonly countries: readonly Rule[];
  readonly domains: readonly {
    readonly name: string;
    readonly note: string;
    readonly origin: string;
  }[];
  readonly extensions: readonly ListedExtension[];
  readonly mode: Mode;
  /** Whether only the built-in sample tells countries. */
  readonly sample: boolean;
}

/** What a new database has: its own networks permitted, and strangers refused. */
export const NOTHING_YET: Present = {
  database: false,
  sample: true,
  countries: [],
  domains: [],
  extensions: [],
  mode: 'enforce',
};

/** Looks without making a database where there is none. @throws Fault where one can't be opened */
export function readPresent(config: Config): Present {
  const sample = isSample(config);
  if (!existsSync(config.databasePath)) return { ...NOTHING_YET, sample };
  const database = openDatabase(config.databasePath);
  try {
    return {
      database: true,
      countries: listRules(database, 'permit').filter(({ subject }) => subject.kind === 'country'),
      domains: listDomains(database),
      extensions: listExtensions(database),
      mode: getMode(database),
      sample,
    };
  } finally {
    database.close();
  }
}

/** A file that is configured, and not there yet or of no use, is nothing better. */
function isSample(config: Config): boolean {
  try {
    return openCountryData(countryPaths(config), createLog('silent')).isSample();
  } catch (cause) {
    if (cause instanceof Fault) return true;
    throw cause;
  }
}
