import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, openDatabase } from '../../src/database/index.ts';
import { addExtension, addRule, parseGoto, parseSubject } from '../../src/policy/index.ts';
import { writeFullCountryFile } from './country-file.mjs';

/** The lists and subjects of rules. */
export type Rules = Iterable<readonly [list: 'permit' | 'deny', subject: string]>;

/** The callers' network, and others in both lists. */
export function* thousandRules(): Rules {
  yield ['permit', '10.0.0.0/8'];
  for (let i = 1; i < 1_000; i++) {
    yield [i % 2 ? 'deny' : 'permit', `${20 + (i % 100)}.${i % 256}.${(i * 7) % 256}.0/24`];
  }
}

export interface CallsPlace {
  readonly env: Record<string, string>;
  close(): void;
}

/**
 * A database with these rules and none besides, as private addresses call, and a country database
 * of full size.
 */
export function openCallsPlace(rules: Rules): CallsPlace {
  const folder = mkdtempSync(join(tmpdir(), 'ipcountry-bench-'));
  const env = {
    IPCOUNTRY_CONFIG: '/dev/null', // not the machine's own
    IPCOUNTRY_DATABASE_PATH: join(folder, 'ipcountry.db'),
    IPCOUNTRY_COUNTRY_PATH: join(folder, 'country.mmdb'),
    IPCOUNTRY_NAMES_SERVERS: '127.0.0.1', // nobody answers there, and the kernel says so at once
    IPCOUNTRY_LOG_LEVEL: 'warn',
  };
  writeFullCountryFile(env.IPCOUNTRY_COUNTRY_PATH);
  const database = openDatabase(env.IPCOUNTRY_DATABASE_PATH);
  fill(database, rules);
  database.close();
  return { env, close: () => rmSync(folder, { recursive: true }) };
}

function fill(database: Database, rules: Rules): void {
  const origin = 'bench';
  const now = Date.now();
  const name = 'weather'; // whom conversation.mjs asks for
  database.transaction(() => {
    database.prepare('DELETE FROM rule').run();
    for (const [list, subject] of rules) {
      addRule(database, { list, subject: parseSubject(subject), origin }, now);
    }
    addExtension(database, { name, route: parseGoto('from-internal,947,1'), origin }, now);
  })();
}
