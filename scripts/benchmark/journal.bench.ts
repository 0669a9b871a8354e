// A journal of millions of calls: start, each way to ask for calls, a change of rules, writing, and
// retention with the pauses that calls have meanwhile. IPCOUNTRY_BENCH_ROWS: how many calls.
import { statSync } from 'node:fs';
import { afterAll, beforeAll, test } from 'vitest';
import { parseRange } from '../../src/address/index.ts';
import { type Database, openDatabase } from '../../src/database/index.ts';
import { followRefusedCalls } from '../../src/guard/refused-calls.ts';
import {
  type CallFilter,
  callCounts,
  createJournal,
  pruneJournal,
  queryCalls,
  recentCalls,
  unenforcedSince,
} from '../../src/journal/index.ts';
import { createLog } from '../../src/log.ts';
import { aStranger } from '../../test/support/calls.ts';
import { median, say, spread } from './figures.ts';
import { DAYS, fillJournal } from './journal-rows.mjs';
import { type Own, openOwn, runVerb, sayTime, sayUsed, startServer } from './program.ts';

const ROWS = Number(process.env['IPCOUNTRY_BENCH_ROWS'] ?? 1_000_000);
const DAY = 86_400_000;
const NOW = Date.now();
const LONG = 1_200_000;

let own: Own;
let empty: Own;
let database: Database;
beforeAll(async () => {
  own = await openOwn();
  empty = await openOwn();
  openDatabase(empty.path).close();
  database = openDatabase(own.path);
  database.pragma('journal_mode = OFF'); // as fast as can be: it is thrown away if that fails
  say(`\njournal: ${ROWS} calls in ${DAYS} days`);
  await sayTime('filled, by SQLite alone', () => fillJournal(database, ROWS, NOW));
  database.close();
  database = openDatabase(own.path);
  say(`file: ${Math.round(statSync(own.path).size / 2 ** 20)} MB`);
}, LONG);
afterAll(() => {
  database.close();
  own.close();
  empty.close();
});

test(
  'start and verbs',
  async () => {
    for (const [what, place] of [
      ['empty', empty],
      ['full', own],
    ] as const) {
      say(`\n${what}`);
      const started: number[] = [];
      let memory = 0;
      for (let n = 0; n < 5; n++) {
        const server = await startServer(place);
        started.push(server.milliseconds);
        ({ memory } = server);
        await server.stop();
      }
      say(`start to the first call answered: ${spread(started)}, ${Math.round(memory)} MB`);
      for (const line of [
        'calls',
        'calls --strangers',
        'calls --since 1h',
        'status',
        'permit US',
      ]) {
        sayUsed(line, await runVerb(place, ...line.split(' ')));
      }
      await runVerb(place, 'remove', 'permit', 'US');
    }
  },
  LONG,
);

test(
  'asking',
  async () => {
    say('\nasked in one process');
    const ask = (what: string, filter: CallFilter) =>
      sayTime(what, () => queryCalls(database, { ...filter, limit: 50 }));
    await ask('the newest 50', {});
    await ask('strangers', { outcome: 'stranger' });
    await ask('since a day ago', { since: NOW - DAY });
    await ask('until half of the time ago', { until: NOW - (DAYS / 2) * DAY });
    await ask('a network of a frequent caller', { source: parseRange('11.0.0.0/16')! });
    await ask('reason, since a day ago, none', { reason: 'scanner', since: NOW - DAY });
    await ask('address, since a day ago, none', {
      source: parseRange('9.9.9.9')!,
      since: NOW - DAY,
    });
    say('what is rare, and looked for in all of it:');
    await ask('reason, none', { reason: 'scanner' });
    await ask('country, none', { country: 'GB' });
    await ask('extension, none', { extension: 'bob' });
    await ask('address, none', { source: parseRange('9.9.9.9')! });
    await ask('network, none', { source: parseRange('9.9.0.0/16')! });
    say('for other verbs:');
    await sayTime('the last 50 strangers', () => recentCalls(database, 'stranger', 50));
    await sayTime('the last 50 unlisted, none', () => recentCalls(database, 'unlisted', 50));
    await sayTime('outcomes of a day', () => callCounts(database, NOW - DAY));
    await sayTime('since when nothing was acted on', () => unenforcedSince(database));
    await sayTime('where the guard begins', () =>
      followRefusedCalls(database, () => NOW - 3_600_000),
    );
  },
  LONG,
);

test(
  'writing',
  () => {
    say('\nwriting, 20 000 strangers, each with a commit of its own');
    for (const [what, place] of [
      ['empty', empty],
      ['full', own],
      ['empty', empty],
      ['full', own],
    ] as const) {
      const written = openDatabase(place.path);
      const journal = createJournal(written, { log: createLog('silent'), alerts: false });
      const before = process.cpuUsage();
      for (let i = 0; i < 20_000; i++)
        journal.record(aStranger('198.51.100.7', { at: Date.now() }));
      const { user, system } = process.cpuUsage(before);
      say(`${what}: ${((user + system) / 20_000).toFixed(1)} µs of processor time a call`);
      journal.close();
      written.close();
    }
  },
  LONG,
);

test(
  'retention',
  async () => {
    say('\nretention');
    const prune = (days: number, rows: number) => pruneJournal(database, { days, rows, now: NOW });
    await sayTime('nothing to do', () => prune(DAYS + 10, ROWS * 2));
    for (const [what, days, rows] of [
      ['by days', DAYS * 0.99, 0],
      ['by rows', 0, Math.round(ROWS * 0.9)],
    ] as const) {
      const pauses: number[] = [];
      let last = performance.now();
      let running = true;
      const look = () => {
        const now = performance.now();
        pauses.push(now - last);
        last = now;
        if (running) setImmediate(look);
      };
      setImmediate(look);
      const began = performance.now();
      const before = process.cpuUsage();
      const deleted = await prune(days, rows);
      running = false;
      const { user, system } = process.cpuUsage(before);
      const seconds = (performance.now() - began) / 1_000;
      say(
        `${what}: ${deleted} deleted in ${seconds.toFixed(1)} s, ${((user + system) / deleted).toFixed(1)} µs of processor time each`,
      );
      say(`  pauses: ${spread(pauses)}, median ${median(pauses).toFixed(1)}`);
    }
  },
  LONG,
);
