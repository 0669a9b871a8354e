import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Database, openDatabase } from '../../src/database/index.ts';
import { createJournal, type Journal, queryCalls } from '../../src/journal/index.ts';
import type { Rule } from '../../src/policy/index.ts';
import { build } from '../support/build.ts';
import { aCall, aStranger } from '../support/calls.ts';
import { listeningLog } from '../support/log.ts';

let folder: string;
let database: Database;
let journal: Journal;
let { log, lines } = listeningLog();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ipcountry-journal-'));
  database = openDatabase(join(folder, 'test.db'));
  ({ log, lines } = listeningLog());
  journal = createJournal(database, { log, alerts: true });
});
afterEach(() => {
  journal.close();
  database.close();
  rmSync(folder, { recursive: true });
});

const alerts = () =>
  database.prepare('SELECT * FROM alert ORDER BY id').all() as {
    call_id: number;
    counted: string;
    facts: string;
    due_at: number;
  }[];

const rule: Rule = {
  id: 1,
  list: 'deny',
  subject: { kind: 'country', code: 'RU' },
  text: 'RU',
  note: '',
  origin: 'cli:root',
  createdAt: 0,
  expiresAt: undefined,
};

describe('a call', () => {
  it('is kept with everything that is known of it', () => {
    const verdict = { outcome: 'stranger', reason: 'denied', rule } as const;
    const id = journal.record(aStranger('2001:db8::7', { verdict, operator: 64_500 }));
    expect(queryCalls(database)).toEqual([
      {
        id,
        at: 1_700_000_000_000,
        entry: 'external',
        technology: 'PJSIP',
        channel: 'PJSIP/anonymous-00000001',
        uniqueid: '1700000000.1',
        source: '2001:db8::7',
        counted: '2001:db8::/64',
        country: 'RU',
        operator: 64_500,
        sipuri: 'sip:bob@198.51.100.7',
        domain: 'sip.example.com',
        extension: 'weather',
        number: '900',
        name: 'Bob',
        agent: 'SomePhone/1.0',
        outcome: 'stranger',
        reason: 'denied',
        ruleList: 'deny',
        rule: 'RU',
        route: '',
        enforced: true,
        micros: 120,
      },
    ]);
  });

  it('is kept with the route it was given', () => {
    const route = {
      kind: 'goto',
      context: 'from-internal',
      extension: '947',
      priority: '1',
    } as const;
    const verdict = { outcome: 'allow', reason: 'permitted', route } as const;
    journal.record(aStranger('192.0.2.7', { verdict, micros: 99.6 }));
    expect(queryCalls(database)[0]).toMatchObject({
      route: 'goto,from-internal,947,1',
      operator: undefined,
      micros: 100,
    });
  });

  it.each([
    ['no address', '', ''],
    ['malformed', 'not an address', ''],
    ['::ffff:192.0.2.7', '192.0.2.7', '192.0.2.7'],
  ])('whose source is %s', (source, kept, counted) => {
    journal.record(
      aStranger(source === 'no address' ? '' : source === 'malformed' ? kept : source),
    );
    expect(queryCalls(database)[0]).toMatchObject({ source: kept, counted });
  });

  it('keeps hostile text as it came', () => {
    const hostile = `'); DROP TABLE call; -- "\\ \u0000 \r\n \u202e ü 📞 <b>\${EXTEN}`;
    const call = aCall('192.0.2.7', { name: hostile, number: hostile, agent: hostile });
    journal.record(aStranger('192.0.2.7', { call }));
    const [row] = queryCalls(database);
    expect([row?.name, row?.number, row?.agent]).toEqual([hostile, hostile, hostile]);
    expect(JSON.parse(alerts()[0]!.facts)).toMatchObject({ name: hostile });
  });

  it('has its text cut, never in the middle of a character', () => {
    const at255 = `${'x'.repeat(255)}📞📞`;
    const at256 = `${'x'.repeat(254)}📞📞`;
    const call = aCall('192.0.2.7', { name: at255, extension: at256, agent: 'y'.repeat(1e6) });
    journal.record(aStranger('192.0.2.7', { call }));
    const row = queryCalls(database)[0]!;
    expect(row.name).toBe('x'.repeat(255));
    expect(row.extension).toBe(`${'x'.repeat(254)}📞`);
    expect(row.agent).toBe('y'.repeat(256));
  });
});

describe('an alert', () => {
  it('is owed for a refused stranger, and knows what a mail must tell', () => {
    const id = journal.record(aStranger('192.0.2.7', { operator: 64_500 }));
    const [alert] = alerts();
    expect(alert).toMatchObject({ call_id: id, counted: '192.0.2.7', due_at: 1_700_000_000_000 });
    expect(JSON.parse(alert!.facts)).toEqual({
      at: 1_700_000_000_000,
      source: '192.0.2.7',
      country: 'RU',
      operator: 64_500,
      entry: 'external',
      sipuri: 'sip:bob@198.51.100.7',
      number: '900',
      name: 'Bob',
      extension: 'weather',
      domain: 'sip.example.com',
      agent: 'SomePhone/1.0',
      reason: 'not-permitted',
      rule: '',
    });
  });

  it.each([
    ['a call let through', { verdict: { outcome: 'allow', reason: 'permitted' } }],
    ['an unlisted extension', { verdict: { outcome: 'unlisted', reason: 'unlisted' } }],
    ['a stranger in monitor mode', { enforced: false }],
  ] as const)('is not owed for %s', (_, facts) => {
    journal.record(aStranger('192.0.2.7', facts));
    expect(alerts()).toEqual([]);
  });

  it('is not owed where no mail is wanted', () => {
    createJournal(database, { log, alerts: false }).record(aStranger('192.0.2.7'));
    expect(queryCalls(database)).toHaveLength(1);
    expect(alerts()).toEqual([]);
  });

  it('waits for the digest while its network’s window is open', () => {
    const until = 1_700_000_100_000;
    database.prepare('INSERT INTO alert_window VALUES (?, ?)').run('192.0.2.7', until);
    for (const at of [until - 1, until, until + 1]) journal.record(aStranger('192.0.2.7', { at }));
    journal.record(aStranger('192.0.2.8', { at: until - 1 }));
    expect(alerts().map((alert) => alert.due_at)).toEqual([until, until, until + 1, until - 1]);
  });

  it('and its call are written together or not at all', () => {
    database.exec(
      'CREATE TRIGGER broken BEFORE INSERT ON alert BEGIN SELECT RAISE(ABORT, ""); END',
    );
    expect(journal.record(aStranger('192.0.2.7'))).toBeUndefined();
    expect(queryCalls(database)).toEqual([]);
    expect(journal.status()).toEqual({ waiting: 0, lost: 1 });
  });
});

describe('a retracted answer', () => {
  it('turns into a refusal that mail is owed for', () => {
    const verdict = { outcome: 'allow', reason: 'trusted', rule } as const;
    const id = journal.record(aStranger('192.0.2.7', { verdict, enforced: false }))!;
    journal.retract(id);
    expect(queryCalls(database)).toMatchObject([
      { id, outcome: 'stranger', reason: 'bad-address', rule: '', route: '', enforced: true },
    ]);
    expect(alerts()).toMatchObject([{ call_id: id }]);
    journal.retract(id);
    expect(alerts()).toHaveLength(1);
  });

  it('that can’t be marked is logged', () => {
    database.pragma('query_only = ON');
    journal.retract(1);
    database.pragma('query_only = OFF');
    expect(lines.map((line) => line.msg)).toEqual([
      'journal: a retracted answer could not be marked',
    ]);
  });
});

describe('calls that are judged together', () => {
  const two = () => [aStranger('192.0.2.7'), aStranger('192.0.2.8')];

  it('are written together, while nobody else can change what they are judged by', () => {
    const other = openDatabase(join(folder, 'test.db'), { busyTimeout: 0 });
    const recorded = journal.recordAll(() => {
      expect(() => other.exec('BEGIN IMMEDIATE')).toThrow(/locked/);
      return two();
    });
    expect(recorded.map(({ row }) => row)).toEqual([1, 2]);
    expect(recorded.map(({ entry }) => entry)).toEqual(two());
    other.exec('BEGIN IMMEDIATE; ROLLBACK');
    other.close();
  });

  it('leave nothing behind where they can’t be judged', () => {
    const judge = () => {
      throw new Error('no verdict');
    };
    expect(() => journal.recordAll(judge)).toThrow('no verdict');
    expect(database.inTransaction).toBe(false);
    expect(journal.status()).toEqual({ waiting: 0, lost: 0 });
    expect(journal.record(aStranger('192.0.2.7'))).toBe(1);
  });

  it('are judged once where the database can’t be written, and wait', () => {
    database.pragma('query_only = ON');
    const judge = vi.fn(two);
    expect(journal.recordAll(judge).map(({ row }) => row)).toEqual([undefined, undefined]);
    expect(judge).toHaveBeenCalledOnce();
    database.pragma('query_only = OFF');
    expect(journal.status().waiting).toBe(2);
  });

  it('one that the table refuses takes no other with it', () => {
    const refused = aStranger('192.0.2.9', { micros: Number.NaN });
    const recorded = journal.recordAll(() => [...two(), refused]);
    expect(recorded.map(({ row }) => row)).toEqual([1, 2, undefined]);
    expect(journal.status()).toEqual({ waiting: 0, lost: 1 });
  });
});

describe('while the database can not be written', () => {
  const names = () => queryCalls(database).map((call) => call.name);
  const named = (name: string) => aStranger('192.0.2.7', { call: aCall('192.0.2.7', { name }) });

  function otherWriter() {
    const other = openDatabase(join(folder, 'test.db'));
    other.exec('BEGIN IMMEDIATE');
    return () => {
      other.exec('COMMIT');
      other.close();
    };
  }

  it('for a moment, a call waits for it', async () => {
    const holding = `
      import SQLite from 'better-sqlite3';
      const database = new SQLite(process.argv[1]);
      database.exec('BEGIN IMMEDIATE');
      console.log('held');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
      database.exec('COMMIT');`;
    const argv = ['--input-type=module', '-e', holding, join(folder, 'test.db')];
    const other = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(other.stdout, 'data');
    expect(journal.record(named('waited'))).toBe(1);
    await once(other, 'close');
  });

  it('calls wait, in order, and the first alone pays for finding out', async () => {
    journal.record(named('before'));
    const release = otherWriter();
    expect(journal.record(named('first'))).toBeUndefined();
    // Two thousand calls that each waited for the lock would need 100 s.
    for (let i = 0; i < 2_000; i++) journal.record(named(`later ${i}`));
    expect(journal.status()).toEqual({ waiting: 2_001, lost: 0 });
    release();
    expect(journal.record(named('behind'))).toBeUndefined(); // behind those that wait, not before
    await vi.waitFor(() => expect(journal.status().waiting).toBe(0), 5_000);
    const expected = ['before', 'first', ...Array.from({ length: 2_000 }, (_, i) => `later ${i}`)];
    expect(names()).toEqual([...expected, 'behind']);
    expect(alerts()).toHaveLength(2_003);
    expect(journal.record(named('at once'))).toBe(2_004);
  });

  it.each([
    ['read-only', 'query_only = ON', 'query_only = OFF'],
    ['full', 'max_page_count = 1', 'max_page_count = 1073741823'],
  ])('as it is %s', async (_, on, off) => {
    database.pragma(on);
    const entry = named('x'.repeat(256));
    for (let i = 0; i < 300; i++) journal.record(entry);
    expect(journal.status().waiting).toBeGreaterThan(0);
    database.pragma(off);
    await vi.waitFor(() => expect(journal.status()).toEqual({ waiting: 0, lost: 0 }), 5_000);
    expect(queryCalls(database)).toHaveLength(300);
  });

  it('no more than a bound wait; what is lost is counted, and complained of once', () => {
    const release = otherWriter();
    for (let i = 0; i < 10_007; i++) journal.record(named('x'));
    expect(journal.status()).toEqual({ waiting: 10_000, lost: 7 });
    expect(lines.map((line) => line.level)).toEqual([50]);
    release();
    journal.close();
    expect(queryCalls(database)).toHaveLength(10_000);
  });

  it('closing tells what it could not write', () => {
    journal.record(named('before'));
    const release = otherWriter();
    journal.record(named('lost'));
    journal.close();
    release();
    expect(lines.at(-1)).toMatchObject({ level: 60, lost: 1 });
    expect(names()).toEqual(['before']);
  });

  it('an entry that the table refuses holds up no other', async () => {
    const refused = aStranger('192.0.2.7', { micros: Number.NaN });
    expect(journal.record(refused)).toBeUndefined();
    expect(journal.status()).toEqual({ waiting: 0, lost: 1 });
    const release = otherWriter();
    for (const entry of [named('a'), refused, named('b')]) journal.record(entry);
    release();
    await vi.waitFor(() => expect(journal.status()).toEqual({ waiting: 0, lost: 2 }), 5_000);
    expect(names()).toEqual(['a', 'b']);
  });
});

it('loses no acknowledged call to kill -9', async () => {
  const built = await build();
  try {
    const script = join(built.folder, 'writer.mjs');
    writeFileSync(
      script,
      `import { writeSync } from 'node:fs';
       import { openDatabase } from './dist/database/index.js';
       import { createJournal } from './dist/journal/index.js';
       const journal = createJournal(openDatabase(process.argv[2]), { log: console, alerts: true });
       const entry = ${JSON.stringify({ ...aStranger(''), operator: null })};
       for (;;) writeSync(1, journal.record(entry) + '\\n');`,
    );
    const path = join(folder, 'killed.db');
    const child = spawn(process.execPath, [script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    let acknowledged = '';
    for await (const chunk of child.stdout) {
      acknowledged += chunk;
      if (acknowledged.length > 2_000) child.kill('SIGKILL');
    }
    const last = Number(acknowledged.trimEnd().split('\n').at(-1));
    const left = openDatabase(path);
    const count = (table: string) =>
      left.prepare(`SELECT count(*) AS n, max(id) AS last FROM ${table}`).get();
    const calls = count('call') as { n: number; last: number };
    expect(calls.n).toBeGreaterThanOrEqual(last);
    expect(calls.last).toBe(calls.n);
    expect(count('alert')).toEqual(calls); // call and alert together
    left.close();
  } finally {
    built.remove();
  }
});
