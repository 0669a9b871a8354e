// A journal may hold millions of calls: whatever is asked of it goes by an index, or says here why
// it need not. The statements are those that SQLite was given while our functions ran.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fillJournal } from '../../scripts/benchmark/journal-rows.mjs';
import { parseRange } from '../../src/address/index.ts';
import { contentsOf } from '../../src/backup/contents.ts';
import { type Database, openDatabase } from '../../src/database/index.ts';
import { followRefusedCalls } from '../../src/guard/refused-calls.ts';
import {
  type CallFilter,
  callCounts,
  createJournal,
  followCalls,
  pruneJournal,
  queryCalls,
  recentCalls,
  unenforcedSince,
} from '../../src/journal/index.ts';
import { rehearse } from '../../src/rehearsal/index.ts';
import { aStranger } from '../support/calls.ts';
import { listeningLog } from '../support/log.ts';
import { policy } from '../support/policy.ts';

const NOW = 1_800_000_000_000;
const DAY = 86_400_000;

let folder: string;
let database: Database;
const statements: string[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ipcountry-plans-'));
  const path = join(folder, 'test.db');
  const made = openDatabase(path);
  fillJournal(made, 2_000, NOW);
  made.close();
  database = new SQLite(path, { verbose: (sql) => void statements.push(String(sql)) });
});
afterAll(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

/** How SQLite goes about each statement on the table `call`, as one line. */
async function plansOf(work: (database: Database) => unknown): Promise<string[]> {
  statements.length = 0;
  await work(database);
  const asked = statements.filter((sql) => /\b(FROM|JOIN|INTO|UPDATE) call\b/.test(sql));
  return asked.map((sql) =>
    (database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all() as { detail: string }[])
      .map(({ detail }) => detail)
      .filter((detail) => / call\b|TEMP B-TREE/.test(detail))
      .join('; '),
  );
}

const journal = (work: (journal: ReturnType<typeof createJournal>) => void) => (own: Database) => {
  const opened = createJournal(own, { log: listeningLog().log, alerts: true });
  work(opened);
  opened.close();
};
const filtered = (filter: CallFilter) => (own: Database) =>
  queryCalls(own, { ...filter, limit: 50 });
const prune = (days: number, rows: number) => (own: Database) =>
  pruneJournal(own, { days, rows, now: NOW });

async function follow(own: Database): Promise<void> {
  const end = new AbortController();
  for await (const { id } of followCalls(own, { reason: 'denied' }, end.signal, 0)) {
    expect(id).toBeGreaterThan(0);
    end.abort();
  }
}

const ID = /^SEARCH call USING INTEGER PRIMARY KEY|^SEARCH call$/;
const TIME = /^SEARCH call USING (COVERING )?INDEX call_at \(at[<>]\?( AND at<\?)?\)$/;
/** From the newest back until the limit is filled. What is rare is looked for in all of it. */
const BACKWARDS = /^SCAN call USING INDEX call_at$/;
const ONE_NETWORK = { source: parseRange('11.0.0.0/24')! };

it.each<[string, (database: Database) => unknown, RegExp[]]>([
  ['a call is written', journal((own) => own.record(aStranger('192.0.2.7', { at: NOW }))), [/^$/]],
  ['a call is taken back', journal((own) => own.retract(7)), [ID, ID]],
  ['the newest', filtered({}), [BACKWARDS]],
  ['since', filtered({ since: NOW - DAY }), [TIME]],
  ['until', filtered({ until: NOW - DAY }), [TIME]],
  ['a time', filtered({ since: NOW - 2 * DAY, until: NOW - DAY }), [TIME]],
  ['strangers', filtered({ outcome: 'stranger' }), [/^SCAN call USING INDEX call_stranger$/]],
  [
    'strangers since',
    filtered({ outcome: 'stranger', since: NOW - DAY }),
    [/^SEARCH call USING INDEX call_stranger \(at>\?\)$/],
  ],
  ['a reason since', filtered({ reason: 'denied', since: NOW - DAY }), [TIME]],
  ['a country since', filtered({ country: 'US', since: NOW - DAY }), [TIME]],
  ['an extension since', filtered({ extension: 'bob', since: NOW - DAY }), [TIME]],
  ['a network since', filtered({ ...ONE_NETWORK, since: NOW - DAY }), [TIME]],
  ['a reason', filtered({ reason: 'denied' }), [BACKWARDS]],
  ['a country', filtered({ country: 'US' }), [BACKWARDS]],
  ['an extension', filtered({ extension: 'bob' }), [BACKWARDS]],
  ['a network', filtered(ONE_NETWORK), [BACKWARDS]],
  ['what a change is tried on', (own) => recentCalls(own, 'allow', 50), [ID, ID]],
  [
    'counted by outcome',
    (own) => callCounts(own, NOW - DAY),
    [/^SEARCH call USING INDEX call_at \(at>\?\); USE TEMP B-TREE FOR GROUP BY$/],
  ],
  ['followed', follow, [ID, ID]],
  [
    'not acted on since',
    unenforcedSince,
    // Backwards to the last that was acted on: in monitor mode for good, all of it.
    [/^SEARCH call USING COVERING INDEX call_at \(at>\?\); SCAN call$/],
  ],
  [
    'old ones are deleted',
    prune(70, 0),
    [
      ID,
      /^SEARCH call USING INTEGER PRIMARY KEY.*; SEARCH call USING COVERING INDEX call_at \(at<\?\)$/,
    ],
  ],
  ['surplus is deleted', prune(0, 1_900), [ID, ID]],
  ['refused calls for the guard', (own) => followRefusedCalls(own, () => NOW - DAY)(), [TIME, ID]],
  [
    'rehearsed',
    (own) =>
      rehearse(own, {
        ...{ policy: policy({ permit: ['GB'] }), now: NOW, since: NOW - DAY },
        country: { country: () => undefined, operator: () => undefined },
      }),
    [/^SEARCH call USING INDEX call_at \(at>\?\).*; USE TEMP B-TREE FOR ORDER BY$/],
  ],
  ['counted for a backup', contentsOf, [/^SCAN call USING COVERING INDEX call_at$/]],
])('%s', async (_, work, expected) => {
  const plans = await plansOf(work);
  expect(plans).toEqual(expected.map((plan) => expect.stringMatching(plan)));
});

it('knows each file that asks the journal', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.startsWith('asterisk'))
    .filter((file) =>
      /\b(FROM|JOIN|INTO|UPDATE) call\b/.test(readFileSync(join('src', file), 'utf8')),
    );
  expect(files.sort()).toEqual([
    'backup/contents.ts',
    'guard/refused-calls.ts',
    'journal/calls.ts',
    'journal/journal.ts',
    'journal/retention.ts',
    'journal/unenforced.ts',
    'rehearsal/rehearse.ts',
  ]);
});
