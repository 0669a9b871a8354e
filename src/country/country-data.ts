import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Address } from '../address/index.ts';
import type { Config } from '../config.ts';
import { fault } from '../errors.ts';
import type { Log } from '../log.ts';
import {
  type AddressFile,
  type CountryDatabase,
  countryDatabase,
  type OperatorDatabase,
  operatorDatabase,
} from './database.ts';
import { SAMPLE_TYPE } from './sample-type.ts';
import { signature, type WatchedFile, watchedFile } from './watched-file.ts';

const SAMPLE_PATH = fileURLToPath(
  new URL('../../data-sample/country-sample.mmdb', import.meta.url),
);

/** The files in use, for look-ups on a call's path. Never without a country database. */
export interface CountryData {
  /** The country of an address; undefined where it is not known. Never throws. */
  country(address: Address): string | undefined;
  /** The AS number of an address's network operator; undefined where it is not known. */
  operator(address: Address): number | undefined;
  countries(): CountryDatabase;
  operators(): OperatorDatabase | undefined;
  /** Whether it is only the built-in sample that answers. */
  isSample(): boolean;
  /** Takes what is on the disk now. A file that can't be used is logged, and the last one kept. */
  reload(): Promise<void>;
  /** Takes files that were replaced; to be called every few seconds. */
  refresh(): Promise<void>;
}

export interface CountryPaths {
  readonly country: string;
  /** A country file that was not asked for may be missing: the sample stands in. */
  readonly mayBeMissing: boolean;
  readonly operators: string | undefined;
}

/** Where the configuration has its files. */
export function countryPaths(config: Pick<Config, 'country' | 'dataFolder'>): CountryPaths {
  const { path, asn_path: operators } = config.country;
  return {
    country: path ?? join(config.dataFolder, 'country.mmdb'),
    mayBeMissing: path === undefined,
    operators,
  };
}

/**
 * Opens the files.
 * @throws Fault where a file is missing or can't be used
 */
export function openCountryData(paths: CountryPaths, log: Log): CountryData {
  const countries = watch(paths.country, countryDatabase, log, paths.mayBeMissing);
  const operators =
    paths.operators === undefined ? undefined : watch(paths.operators, operatorDatabase, log);
  let sample: CountryDatabase | undefined;
  if (!countries.current()) {
    sample = countryDatabase(readFileSync(SAMPLE_PATH), SAMPLE_PATH);
    log.warn(
      { path: paths.country },
      "no country database: only the small built-in sample is in use, and most countries are unknown; run 'ipcountry country update'",
    );
  }
  const current = () => countries.current() ?? sample!;
  return {
    country: (address) => current().lookup(address),
    operator: (address) => operators?.current()?.lookup(address),
    countries: current,
    operators: () => operators?.current(),
    isSample: () => current().facts.type === SAMPLE_TYPE,
    async reload() {
      await countries.reload();
      await operators?.reload();
    },
    async refresh() {
      await countries.refresh();
      await operators?.refresh();
    },
  };
}

function watch<Answer>(
  path: string,
  open: (bytes: Buffer, path: string) => AddressFile<Answer>,
  log: Log,
  mayBeMissing = false,
): WatchedFile<Answer> {
  const seen = signature(path);
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'error';
    if (mayBeMissing && code === 'ENOENT') {
      return watchedFile(path, open, log, undefined, undefined);
    }
    throw fault('country-file-unreadable', path, code);
  }
  return watchedFile(path, open, log, open(bytes, path), seen);
}
