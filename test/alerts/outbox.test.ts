import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { alertsWaiting, listWaiting } from '../../src/alerts/index.ts';
import { openOutbox } from '../../src/alerts/outbox.ts';
import { type Database, openDatabase } from '../../src/database/index.ts';
import { createJournal } from '../../src/journal/index.ts';
import { aStranger } from '../support/calls.ts';
import { listeningLog } from '../support/log.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const LIMITS = { perHour: 3, window: HOUR };

let folder: string;
let database: Database;
let now: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ipcountry-outbox-'));
  database = openDatabase(join(folder, 'test.db'));
  now = 1_700_000_000_000;
});
afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

/** Refused strangers, now. */
function strangers(...sources: string[]): void {
  const journal = createJournal(database, { log: listeningLog().log, alerts: true });
  database.transaction(() => {
    for (const source of sources) journal.record(aStranger(source, { at: now }));
  })();
  journal.close();
}

/** Composes and sends what is due; the networks of each mail with their counts. */
async function mailAll(outbox = openOutbox(database, LIMITS)) {
  const mails: Record<string, number>[] = [];
  for (;;) {
    const mail = outbox.waiting() ?? (await outbox.compose(now));
    if (!mail) return mails;
    const { groups } = await outbox.contents(mail.id, 100);
    mails.push(Object.fromEntries(groups.map(({ counted, count }) => [counted, count])));
    outbox.sent(mail.id, now);
    await outbox.tidy(now);
  }
}

describe('the first stranger from a network', () => {
  it('is told of at once', async () => {
    expect(await mailAll()).toEqual([]);
    strangers('192.0.2.7');
    expect(await mailAll()).toEqual([{ '192.0.2.7': 1 }]);
    expect(await mailAll()).toEqual([]);
  });

  it('from another network does not wait', async () => {
    strangers('192.0.2.7');
    await mailAll();
    strangers('192.0.2.8');
    expect(await mailAll()).toEqual([{ '192.0.2.8': 1 }]);
  });

  it('shares a mail with those that came with it', async () => {
    strangers('192.0.2.7', '192.0.2.8', '192.0.2.7', '2001:db8::1', '2001:db8::2', '', 'junk');
    expect(await mailAll()).toEqual([
      { '': 2, '192.0.2.7': 2, '192.0.2.8': 1, '2001:db8::/64': 2 },
    ]);
  });
});

describe('repeats', () => {
  it('are gathered into one digest at the window’s end', async () => {
    strangers('192.0.2.7');
    await mailAll();
    for (let i = 0; i < 5; i++) {
      now += 10 * MINUTE;
      strangers('192.0.2.7', '192.0.2.7');
      expect(await mailAll()).toEqual([]);
    }
    expect(alertsWaiting(database)).toBe(10);
    now += 10 * MINUTE;
    expect(await mailAll()).toEqual([{ '192.0.2.7': 10 }]);
    expect(alertsWaiting(database)).toBe(0);
  });

  it('after a digest wait for the next', async () => {
    strangers('192.0.2.7');
    await mailAll();
    now += MINUTE;
    strangers('192.0.2.7');
    now += HOUR;
    await mailAll();
    strangers('192.0.2.7');
    expect(await mailAll()).toEqual([]);
    now += HOUR;
    expect(await mailAll()).toEqual([{ '192.0.2.7': 1 }]);
  });

  it('after a quiet window are told of at once again', async () => {
    strangers('192.0.2.7');
    await mailAll();
    now += HOUR + MINUTE;
    strangers('192.0.2.7');
    expect(await mailAll()).toEqual([{ '192.0.2.7': 1 }]);
  });

  it('while the first mail is still being sent belong to the digest', async () => {
    const outbox = openOutbox(database, LIMITS);
    strangers('192.0.2.7');
    const mail = (await outbox.compose(now))!;
    now += MINUTE;
    strangers('192.0.2.7');
    expect((await outbox.contents(mail.id, 10)).total).toBe(1);
    outbox.sent(mail.id, now);
    expect(await mailAll()).toEqual([]);
    now += HOUR;
    expect(await mailAll()).toEqual([{ '192.0.2.7': 1 }]);
  });
});

describe('the hour', () => {
  it('has room for so many mails; what exceeds is gathered, not lost', async () => {
    for (let i = 1; i <= 10; i++) {
      strangers(`192.0.2.${i}`);
      expect(await mailAll()).toHaveLength(i <= 3 ? 1 : 0);
      now += MINUTE;
    }
    now += 49 * MINUTE; // the first mail is not yet an hour old
    expect(await mailAll()).toEqual([]);
    now += MINUTE;
    const [mail, ...others] = await mailAll();
    expect(Object.keys(mail!)).toHaveLength(7);
    expect(others).toEqual([]);
  });

  it('is not forgotten by a restart', async () => {
    for (let i = 1; i <= 3; i++) {
      strangers(`192.0.2.${i}`);
      await mailAll();
    }
    database.close();
    database = openDatabase(join(folder, 'test.db'));
    strangers('192.0.2.9', '192.0.2.1');
    openOutbox(database, LIMITS).recover(now);
    expect(await mailAll()).toEqual([]);
    now += HOUR;
    expect(await mailAll()).toEqual([{ '192.0.2.1': 1, '192.0.2.9': 1 }]);
  });
});

it('keeps a composed mail as it is until it is sent', async () => {
  const outbox = openOutbox(database, LIMITS);
  strangers('192.0.2.7');
  const mail = (await outbox.compose(now))!;
  strangers('192.0.2.8');
  outbox.failed(mail.id, now + MINUTE, false);
  expect(outbox.waiting()).toEqual({ ...mail, attempts: 1, dueAt: now + MINUTE });
  outbox.failed(mail.id, now + MINUTE, true);
  outbox.failed(mail.id, now + MINUTE, false);
  expect(outbox.waiting()).toMatchObject({ attempts: 3, withheld: true });
  expect((await outbox.contents(mail.id, 10)).total).toBe(1);
  outbox.recover(now + 1);
  expect(outbox.waiting()).toMatchObject({ id: mail.id, attempts: 3, dueAt: now + 1 });
  outbox.sent(mail.id, now);
  expect(await mailAll()).toEqual([{ '192.0.2.8': 1 }]);
});

it('tells the networks with the most calls, each with its last', async () => {
  const outbox = openOutbox(database, LIMITS);
  const journal = createJournal(database, { log: listeningLog().log, alerts: true });
  for (const [source, country, at] of [
    ['192.0.2.7', 'RU', now],
    ['192.0.2.8', 'US', now + 1],
    ['192.0.2.7', 'FR', now + 2],
    ['192.0.2.9', 'DE', now + 3],
  ] as const) {
    journal.record(aStranger(source, { country, at }));
  }
  const mail = (await outbox.compose(now + 5))!;
  expect(await outbox.contents(mail.id, 2)).toMatchObject({
    total: 4,
    networks: 3,
    groups: [
      { counted: '192.0.2.7', count: 2, first: now, last: now + 2, facts: { country: 'FR' } },
      { counted: '192.0.2.9', count: 1, facts: { country: 'DE' } },
    ],
  });
});

/** How often others had a turn meanwhile. */
async function turnsOf(work: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let over = false;
  const turn = () => {
    turns++;
    if (!over) setImmediate(turn);
  };
  setImmediate(turn);
  await work();
  over = true;
  return turns;
}

it('gathers a flood from 10 000 networks, a little at a time, and lets others in', async () => {
  strangers(...Array.from({ length: 10_000 }, (_, i) => `10.0.${i >> 8}.${i & 255}`));
  strangers('10.0.3.7', '10.0.3.7', '10.0.2.9');
  const outbox = openOutbox(database, LIMITS);
  expect(await turnsOf(() => outbox.compose(now))).toBeGreaterThanOrEqual(100);
  const mail = outbox.waiting()!;
  expect(await turnsOf(() => outbox.contents(mail.id, 50))).toBeGreaterThanOrEqual(20);
  const contents = await outbox.contents(mail.id, 50);
  expect(contents).toMatchObject({ total: 10_003, networks: 10_000 });
  const most = contents.groups.slice(0, 2).map(({ counted, count }) => [counted, count]);
  expect(most).toEqual([
    ['10.0.3.7', 3],
    ['10.0.2.9', 2],
  ]);
  expect(contents.groups).toHaveLength(50);
  outbox.sent(mail.id, now);
  await outbox.tidy(now);
  const count = (table: string) => database.prepare(`SELECT count(*) FROM ${table}`).pluck().get();
  expect([count('alert'), count('alert_window'), count('mail')]).toEqual([0, 10_000, 1]);
  await outbox.tidy(now + 25 * HOUR);
  expect([count('alert_window'), count('mail')]).toEqual([0, 1]); // the newest mail's id stays taken
});

it('a clock that was set back holds nothing up', async () => {
  now += 1_000 * HOUR;
  for (const source of ['192.0.2.1', '192.0.2.2', '192.0.2.3']) {
    strangers(source);
    await mailAll();
  }
  strangers('192.0.2.1');
  now -= 1_000 * HOUR;
  openOutbox(database, LIMITS).recover(now);
  expect(await mailAll()).toEqual([{ '192.0.2.1': 1 }]);
});

it('a shorter window takes effect after a start', async () => {
  strangers('192.0.2.7');
  await mailAll();
  strangers('192.0.2.7');
  const outbox = openOutbox(database, { perHour: 3, window: MINUTE });
  outbox.recover(now);
  expect(await mailAll(outbox)).toEqual([{ '192.0.2.7': 1 }]);
});

it('lists what waits, by network', async () => {
  const outbox = openOutbox(database, LIMITS);
  strangers('192.0.2.7', '192.0.2.7');
  const mail = (await outbox.compose(now))!;
  outbox.failed(mail.id, now + MINUTE, false);
  strangers('192.0.2.7', '192.0.2.8');
  expect(listWaiting(database)).toMatchObject([
    { counted: '192.0.2.8', count: 1, dueAt: now, attempts: 0, facts: { source: '192.0.2.8' } },
    { counted: '192.0.2.7', count: 3, dueAt: now + MINUTE, attempts: 1 },
  ]);
  expect(alertsWaiting(database)).toBe(4);
  outbox.sent(mail.id, now);
  expect(listWaiting(database)).toMatchObject([
    { counted: '192.0.2.8', count: 1, dueAt: now },
    { counted: '192.0.2.7', count: 1, dueAt: now + HOUR, attempts: 0 },
  ]);
});

it('what waits is counted, and what a mail tells, without a look at the rows', () => {
  const statements: string[] = [];
  const watched = new SQLite(join(folder, 'test.db'), {
    verbose: (sql) => void statements.push(String(sql)),
  });
  alertsWaiting(watched);
  void openOutbox(watched, LIMITS).contents(1, 50);
  const counts = statements.filter((sql) => sql.includes('count(*)'));
  const plans = counts.map((sql) =>
    (watched.prepare(`EXPLAIN QUERY PLAN ${sql}`).all() as { detail: string }[])
      .map(({ detail }) => detail)
      .filter((detail) => / alert\b|TEMP/.test(detail)),
  );
  watched.close();
  const index = expect.stringMatching(/^(SCAN|SEARCH) alert USING COVERING INDEX alert_/);
  expect(plans).toEqual([[index, index], [index], [index]]);
});
