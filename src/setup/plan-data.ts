import { basename, join } from 'node:path';
import { countryPaths } from '../country/index.ts';
import type { Answers } from './answers.ts';
import type { Facts } from './facts.ts';
import type { Plan, PlannedFolder } from './plan.ts';
import { NOTHING_YET, type Present } from './present.ts';

/** Where rules and country data will be, and what is there now. */
export interface DataPlace {
  readonly databasePath: string;
  readonly present: Present;
  readonly countryPath: string;
  /** Country data of the folder that was used so far, to be taken along. */
  readonly countryFile: string | undefined;
}

/** A data folder that is made for the services takes the place of the one in the working folder. */
export function dataFor({ config, present }: Facts, [made]: readonly PlannedFolder[]): DataPlace {
  const { databasePath, database, country } = config;
  const countryPath = countryPaths(config).country;
  const same = { databasePath, present, countryPath, countryFile: undefined };
  if (!made) return same;
  const ownFile = country.path !== undefined;
  return {
    ...(database.path === undefined
      ? { databasePath: join(made.path, basename(databasePath)), present: NOTHING_YET }
      : { databasePath, present }),
    countryPath: ownFile ? countryPath : join(made.path, basename(countryPath)),
    countryFile: ownFile || present.sample ? undefined : countryPath,
  };
}

/** Fetched where the source is new, or where there is nothing better than the sample. */
export function countryData(
  { config: { country }, present }: Facts,
  { source }: Answers,
  { countryPath: path, countryFile }: DataPlace,
  changes: readonly { readonly section: string }[],
): Plan['country'] {
  if (source.kind === 'file') return { path, file: source.file };
  const updates = source.kind === 'keep' ? country.source !== 'none' : source.kind !== 'none';
  const changed = changes.some(({ section }) => section === 'country');
  if (updates && (changed || present.sample)) return { path, file: undefined };
  return countryFile === undefined ? undefined : { path, file: countryFile };
}
