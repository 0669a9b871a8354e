import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { fillJournal } from '../../scripts/benchmark/journal-rows.mjs';
import { type Database, openDatabase } from '../../src/database/index.ts';
import { createJournal, pruneJournal, queryCalls } from '../../src/journal/index.ts';
import { aStranger } from '../support/calls.ts';
import { listeningLog } from '../support/log.ts';

const DAY = 86_400_000;
const NOW = 1_000 * DAY;

let folder: string;
let database: Database;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ipcountry-retention-'));
  database = openDatabase(join(folder, 'test.db'));
});
afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

/** One call a day, the last of them now. */
function fill(count: number): void {
  const journal = createJournal(database, { log: listeningLog().log, alerts: false });
  database.transaction(() => {
    for (let i = 1; i <= count; i++) {
      journal.record(aStranger('192.0.2.7', { at: NOW - (count - i) * DAY }));
    }
  })();
  journal.close();
}

const ids = () => queryCalls(database).map((call) => call.id);

it('deletes what is too old', async () => {
  fill(10);
  expect(await pruneJournal(database, { days: 3, rows: 0, now: NOW })).toBe(6);
  expect(ids()).toEqual([7, 8, 9, 10]);
});

it('deletes what is too much', async () => {
  fill(10);
  expect(await pruneJournal(database, { days: 0, rows: 3, now: NOW })).toBe(7);
  expect(ids()).toEqual([8, 9, 10]);
});

it('keeps everything where no limit is set', async () => {
  fill(10);
  expect(await pruneJournal(database, { days: 0, rows: 0, now: NOW })).toBe(0);
  expect(ids()).toHaveLength(10);
});

it('finds old calls behind newer ones, as clocks are set back', async () => {
  fill(5);
  database.prepare('UPDATE call SET at = ? WHERE id = 3').run(NOW - 100 * DAY);
  expect(await pruneJournal(database, { days: 50, rows: 0, now: NOW })).toBe(1);
  expect(ids().toSorted()).toEqual([1, 2, 4, 5]);
});

it('always keeps the newest, so that no id is given twice', async () => {
  fill(10);
  expect(await pruneJournal(database, { days: 1, rows: 1, now: NOW + 500 * DAY })).toBe(9);
  expect(ids()).toEqual([10]);
  expect(await pruneJournal(database, { days: 1, rows: 1, now: NOW + 500 * DAY })).toBe(0);
});

it('does nothing on an empty journal', async () => {
  expect(await pruneJournal(database, { days: 1, rows: 1, now: NOW })).toBe(0);
});

it('lets other work run between its transactions', async () => {
  fill(5_500);
  let turns = 0;
  let pruning = true;
  const turn = () => {
    turns++;
    if (pruning) setImmediate(turn);
  };
  setImmediate(turn);
  expect(await pruneJournal(database, { days: 0, rows: 100, now: NOW })).toBe(5_400);
  pruning = false;
  expect(turns).toBeGreaterThanOrEqual(10);
  expect(ids()).toHaveLength(100);
});

it('stops when told', async () => {
  fill(3_000);
  const end = new AbortController();
  const pruning = pruneJournal(database, { days: 0, rows: 1, now: NOW, signal: end.signal });
  end.abort();
  expect(await pruning).toBe(500);
});

it('waits for another writer', async () => {
  fill(10);
  database.pragma('busy_timeout = 0');
  const other = openDatabase(join(folder, 'test.db'));
  other.exec('BEGIN IMMEDIATE');
  const pruning = pruneJournal(database, { days: 0, rows: 3, now: NOW });
  other.exec('COMMIT');
  other.close();
  expect(await pruning).toBe(7);
});

it('walks indexes', () => {
  const plan = (sql: string) =>
    (database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all() as { detail: string }[])
      .map((step) => step.detail)
      .join();
  expect(plan('SELECT id FROM call WHERE at < 5 AND id < 9 ORDER BY at LIMIT 1000')).toMatch(
    /^SEARCH call USING COVERING INDEX call_at \(at<\?/,
  );
});

it('has the disk move little at a time, whatever there is to delete', async () => {
  fillJournal(database, 60_000, NOW); // some 4 000 pages
  const usual = () => database.pragma('wal_autocheckpoint', { simple: true });
  const before = usual();
  database.pragma('wal_checkpoint(TRUNCATE)');
  expect(await pruneJournal(database, { days: 0, rows: 1_000, now: NOW })).toBe(59_000);
  expect(statSync(join(folder, 'test.db-wal')).size).toBeLessThan(6_000_000);
  expect(usual()).toBe(before);
});
