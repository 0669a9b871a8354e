// A hundred thousand rules: how long they take to be loaded, and what calls notice of it when one
// of them changes. And how long the networks of the largest country take to be listed.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, test } from 'vitest';
import { countryDatabase, listNetworks } from '../../src/country/index.ts';
import { type Database, openDatabase } from '../../src/database/index.ts';
import { addRule, loadPolicy, parseSubject } from '../../src/policy/index.ts';
import { ask } from '../../test/support/place.ts';
import { writeFullCountryFile } from './country-file.mjs';
import { memoryOf, say } from './figures.ts';
import { type Own, openOwn, type Started, sayTime, startServer } from './program.ts';
import { fill, manySubjects } from './rule-list.ts';

const ROUNDS = Number(process.env['IPCOUNTRY_BENCH_ROUNDS'] ?? 5);
const RULES = 100_000;
const LARGE = 'US';
const LONG = 600_000;

let own: Own;
let database: Database;
beforeAll(async () => {
  own = await openOwn();
  database = openDatabase(own.path);
  fill(database, 'deny', manySubjects(RULES));
}, LONG);
afterAll(() => {
  database.close();
  own.close();
});

test(`a policy of ${RULES} rules is loaded in one go`, { timeout: LONG }, async () => {
  say('');
  for (let round = 0; round <= ROUNDS; round++) {
    await sayTime(round === 0 ? 'load, the first' : 'load', () => loadPolicy(database));
  }
});

test('calls one after the other, while a rule changes and while none does', {
  timeout: LONG,
}, async () => {
  const server = await startServer(own);
  const quiet: number[] = [];
  const changing: number[] = [];
  const longest: number[] = [];
  const taken: number[] = [];
  try {
    await callsUntil(Date.now() + 3_000, server, []); // warm
    for (let round = 0; round < ROUNDS; round++) {
      await callsUntil(Date.now() + 1_500, server, quiet);
      const calls: number[] = [];
      taken.push(await callsDuringChange(`192.0.2.${round}`, calls));
      longest.push(Math.max(...calls));
      changing.push(...calls);
    }
    say(`calls, nothing changes:        ${shares(quiet)}`);
    say(`calls, a rule is being loaded: ${shares(changing)}`);
    say(`ms of the longest, each time:  ${longest.map(Math.round).join(' ')}`);
    say(`ms to the first call denied:   ${taken.map(Math.round).join(' ')}`);
    say(`MB of the server, at most:     ${Math.round(memoryOf(server.child.pid!, 'VmHWM')!)}`);
  } finally {
    await server.stop();
  }
});

test(`the networks of a country that has a fifth of a full database`, {
  timeout: LONG,
}, async () => {
  const path = join(own.folder, 'country.mmdb');
  writeFullCountryFile(path, LARGE);
  for (let round = 0; round < ROUNDS; round++) {
    const file = countryDatabase(readFileSync(path), path);
    await sayTime('list', () => listNetworks(file, { country: LARGE }));
  }
});

/** Places calls one after the other, and notes how many milliseconds each took, to its end. */
async function callsUntil(end: number, { child }: Started, into: number[]): Promise<void> {
  while (Date.now() < end) {
    if (child.exitCode !== null) throw new Error('the server ended');
    await timedCall('10.7.0.1', into);
  }
}

/** @returns milliseconds until a call from a source that is denied from now on was refused */
async function callsDuringChange(source: string, into: number[]): Promise<number> {
  const rule = { list: 'deny', subject: parseSubject(source), origin: 'bench' } as const;
  addRule(database, rule, Date.now());
  const began = performance.now();
  while ((await timedCall(source, into)) !== 'denied') {
    if (performance.now() - began > 20_000) throw new Error('the change is not taken in');
  }
  return performance.now() - began;
}

async function timedCall(source: string, into: number[]): Promise<string> {
  const began = performance.now();
  const { reason } = await ask(own.at, source);
  into.push(performance.now() - began);
  return reason;
}

function shares(milliseconds: readonly number[]): string {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.ceil(share * (sorted.length - 1))]!.toFixed(1);
  return `p50 ${at(0.5)}  p99 ${at(0.99)}  p99.9 ${at(0.999)}  max ${at(1)} ms (${sorted.length})`;
}
