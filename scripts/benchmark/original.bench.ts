import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { variablesOf } from '../../test/support/agi-peer.ts';
import { type MariaDb, startMariaDb } from '../../test/support/mariadb.ts';
import { type CallsPlace, openCallsPlace } from './calls-place.ts';
import { median, say } from './figures.ts';
import { callOriginal } from './original-caller.ts';
import { type Range, ranges } from './original-ranges.ts';
import { childrensTime, processorTime } from './processor-time.ts';
import { type Served, startServed } from './served.ts';

const ROUNDS = Number(process.env['IPCOUNTRY_BENCH_ROUNDS'] ?? 5);
/** Seconds of calls each time. */
const SLICE = 2;
const QUERIES = ['between', 'nearest'] as const;
const AT_A_TIME = [1, 32];

let place: CallsPlace;
let server: Served;
let mariadb: MariaDb;
let original: Record<string, string>;

beforeAll(async () => {
  const all = ranges();
  place = openCallsPlace(all.map(({ list, subject }) => [list, subject]));
  server = await startServed(place.env);
  mariadb = await startMariaDb();
  original = await fillOriginal(all);
}, 300_000);
afterAll(async () => {
  await server?.stop();
  await mariadb?.stop();
  place?.close();
});

/** @returns where the script finds its tables, each with the index that a range query uses */
async function fillOriginal(all: readonly Range[]): Promise<Record<string, string>> {
  const password = randomUUID();
  await mariadb.run(
    'CREATE DATABASE ipcountry',
    `CREATE USER ipcountry@localhost IDENTIFIED BY '${password}'`,
    'GRANT SELECT ON ipcountry.* TO ipcountry@localhost',
  );
  for (const list of ['permit', 'deny']) {
    const rows = all
      .filter((range) => range.list === list)
      .map(({ first, last }) => `(${first},${last})`);
    const table = `ipcountry.\`${list}\``;
    await mariadb.run(
      `CREATE TABLE ${table} (first INT UNSIGNED, last INT UNSIGNED, PRIMARY KEY (first, last))`,
      `INSERT INTO ${table} VALUES ${rows.join()}`,
      `ANALYZE TABLE ${table}`,
    );
  }
  return { ORIGINAL_SOCKET: mariadb.socket, ORIGINAL_PASSWORD: password };
}

test('both give the same verdicts, to callers permitted, denied and neither', async () => {
  const reasons = new Set<string>();
  // 61 has no divisor in common with the ranges' steps: callers from all parts of them.
  for (let number = 1; number < 4_096; number += 61) {
    const { stranger, reason } = variablesOf(await server.ask(number));
    reasons.add(reason);
    for (const ORIGINAL_QUERY of QUERIES) {
      const theirs = await callOriginal(number, { ...original, ORIGINAL_QUERY });
      expect(`call ${number}: ${theirs}`).toBe(`call ${number}: ${stranger}`);
    }
  }
  expect([...reasons].sort()).toEqual(['country-unknown', 'denied', 'permitted']);
});

/** Microseconds of processor time a call. */
interface Cost {
  readonly total: number;
  /** What of it is not the answering process's own, but MariaDB's. */
  readonly database: number;
}

test('processor time of a call', { timeout: ROUNDS * 60_000 }, async () => {
  const costs = new Map<string, Cost[]>();
  const note = (name: string, cost: Cost) => costs.set(name, [...(costs.get(name) ?? []), cost]);
  await ofServer(1); // warm
  for (let round = 0; round < ROUNDS; round++) {
    for (const query of QUERIES) note(`script, ${query}`, await ofOriginal(query));
    for (const many of AT_A_TIME) note(`ipcountry, ${many} at a time`, await ofServer(many));
  }

  say(`\nthe original's way: ${ROUNDS} rounds of ${SLICE} s a slice; medians, 100 000 ranges`);
  say('CPU a call'.padEnd(24) + 'µs'.padStart(9) + 'of it MariaDB'.padStart(16));
  for (const [name, all] of costs) {
    const of = (part: keyof Cost) => Math.round(median(all.map((cost) => cost[part])));
    say(name.padEnd(24) + String(of('total')).padStart(9) + String(of('database')).padStart(16));
  }
  for (const query of QUERIES) {
    for (const many of AT_A_TIME) {
      const ours = costs.get(`ipcountry, ${many} at a time`)!;
      const pairs = costs.get(`script, ${query}`)!.map((cost, i) => cost.total / ours[i]!.total);
      say(`${query} to ipcountry with ${many} at a time: ${Math.round(median(pairs))} times`);
    }
  }
});

/** One call after the other. */
async function ofOriginal(query: string): Promise<Cost> {
  const mariadbd = Number(readFileSync(join(dirname(mariadb.socket), 'pid'), 'utf8'));
  const before = { scripts: childrensTime(), database: processorTime(mariadbd) };
  const end = performance.now() + SLICE * 1_000;
  let calls = 0;
  while (performance.now() < end) {
    await callOriginal(++calls * 61, { ...original, ORIGINAL_QUERY: query });
  }
  const scripts = childrensTime() - before.scripts;
  const database = processorTime(mariadbd) - before.database;
  return { total: (scripts + database) / calls, database: database / calls };
}

async function ofServer(concurrency: number): Promise<Cost> {
  const before = processorTime(server.pid);
  const { calls, failed } = await server.load(concurrency, SLICE);
  expect(failed).toBe(0);
  return { total: (processorTime(server.pid) - before) / calls, database: 0 };
}
