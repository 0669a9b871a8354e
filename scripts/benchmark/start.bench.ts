// From the start of the server to its first call answered, with 1 000 rules and a country database
// of full size; beside a Node.js that does nothing, in turn.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, test } from 'vitest';
import { openDatabase } from '../../src/database/index.ts';
import { writeFullCountryFile } from './country-file.mjs';
import { median, say, spread } from './figures.ts';
import { type Own, openOwn, startServer } from './program.ts';
import { fill, manySubjects } from './rule-list.ts';

const ROUNDS = Number(process.env['IPCOUNTRY_BENCH_ROUNDS'] ?? 5);
const RULES = 1_000;
const LONG = 600_000;

let own: Own;
beforeAll(async () => {
  own = await openOwn();
  const database = openDatabase(own.path);
  fill(database, 'deny', manySubjects(RULES));
  database.close();
  const country = join(own.folder, 'country.mmdb');
  writeFullCountryFile(country);
  own.env['IPCOUNTRY_COUNTRY_PATH'] = country;
}, LONG);
afterAll(() => own.close());

test('start', { timeout: LONG }, async () => {
  const bare: number[] = [];
  const started: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const began = performance.now();
    execFileSync(process.execPath, ['-e', '0']);
    const took = performance.now() - began;
    const server = await startServer(own);
    await server.stop();
    if (round === 0) continue; // fills the disk's cache
    bare.push(took);
    started.push(server.milliseconds);
  }
  say(`\nnode -e 0:                ${spread(bare)}`);
  say(`to the first call answered: ${spread(started)}`);
  say(`median to median: ${(median(started) / median(bare)).toFixed(1)}`);
});
