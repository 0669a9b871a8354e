import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Database, openDatabase } from '../../src/database/index.ts';
import { NO_OPTIONS, storeChoice } from '../../src/firewall/choice.ts';
import type { Level } from '../../src/firewall/index.ts';
import { addRule, parseSubject } from '../../src/policy/index.ts';
import { writeFullCountryFile } from './country-file.mjs';

/** The program as it is installed, with what its first line tells V8. */
export const PROGRAM = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** Has 100 000 of the country database's 500 000 networks, half of them IPv6. */
const LARGE = 'US';

/** A database that permits the large country, and a country database of full size. */
export interface Place {
  readonly folder: string;
  readonly env: Record<string, string>;
  readonly database: Database;
  close(): void;
}

/** @param level as it was confirmed */
export function openPlace(level: Level): Place {
  const folder = mkdtempSync(join(tmpdir(), 'ipcountry-bench-'));
  const env = {
    IPCOUNTRY_DATABASE_PATH: join(folder, 'ipcountry.db'),
    IPCOUNTRY_COUNTRY_PATH: join(folder, 'country.mmdb'),
    IPCOUNTRY_NAMES_SERVERS: '127.0.0.1', // nobody answers there, and the kernel says so at once
    IPCOUNTRY_LOG_LEVEL: 'debug',
  };
  writeFullCountryFile(env.IPCOUNTRY_COUNTRY_PATH, LARGE);
  const database = openDatabase(env.IPCOUNTRY_DATABASE_PATH);
  storeChoice(database, { level, options: NO_OPTIONS, ssh: [], own: [] });
  const subject = parseSubject(LARGE);
  addRule(database, { list: 'permit', subject, origin: 'bench' }, Date.now());
  return {
    ...{ folder, env, database },
    close() {
      database.close();
      rmSync(folder, { recursive: true });
    },
  };
}
