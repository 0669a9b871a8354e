import { existsSync } from 'node:fs';

/** Test databases from elsewhere, beside the checkout; see the README there. */
const FOLDER = new URL('../../../shared/data/maxmind-db/', import.meta.url);

/**
 * Whether the test databases of the MaxMind-DB project are there. Where they are not, tests with
 * them are left out and say so; under CI=true they run, and fail.
 */
export const hasMaxmindData = existsSync(FOLDER) || process.env['CI'] === 'true';
if (!hasMaxmindData) console.warn(`left out, as ${FOLDER.pathname} is absent: MaxMind-DB tests`);

export function maxmindFile(name: string): URL {
  return new URL(name, FOLDER);
}
