import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseRange } from '../../src/address/index.ts';
import { type Database, openDatabase } from '../../src/database/index.ts';
import {
  type CallFilter,
  callCounts,
  createJournal,
  followCalls,
  type Journal,
  queryCalls,
  recentCalls,
} from '../../src/journal/index.ts';
import { aCall, aStranger } from '../support/calls.ts';
import { listeningLog } from '../support/log.ts';

let folder: string;
let database: Database;
let journal: Journal;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ipcountry-calls-'));
  database = openDatabase(join(folder, 'test.db'));
  journal = createJournal(database, { log: listeningLog().log, alerts: false });
});
afterEach(() => {
  journal.close();
  database.close();
  rmSync(folder, { recursive: true });
});

describe('queryCalls', () => {
  beforeEach(() => {
    const allow = { outcome: 'allow', reason: 'permitted' } as const;
    const calls: [string, Parameters<typeof aStranger>[1]][] = [
      ['192.0.2.7', { at: 1_000 }],
      ['192.0.2.9', { at: 2_000, country: 'US', verdict: allow }],
      ['2001:db8::7', { at: 3_000, verdict: { outcome: 'stranger', reason: 'rate' } }],
      ['2001:db8:0:1::7', { at: 4_000, call: aCall('2001:db8:0:1::7', { extension: 'Sales' }) }],
      ['', { at: 5_000, country: '', verdict: { outcome: 'stranger', reason: 'no-address' } }],
      ['junk', { at: 6_000, country: '', verdict: { outcome: 'unlisted', reason: 'unlisted' } }],
    ];
    for (const [source, facts] of calls) journal.record(aStranger(source, facts));
  });

  it.each<[string, CallFilter, number[]]>([
    ['everything, the newest last', {}, [1, 2, 3, 4, 5, 6]],
    ['since', { since: 3_000 }, [3, 4, 5, 6]],
    ['until', { until: 3_000 }, [1, 2]],
    ['a time of day', { since: 2_000, until: 4_000 }, [2, 3]],
    ['strangers', { outcome: 'stranger' }, [1, 3, 4, 5]],
    ['a reason', { reason: 'rate' }, [3]],
    ['an address', { source: parseRange('192.0.2.7')! }, [1]],
    ['a network', { source: parseRange('192.0.2.0/24')! }, [1, 2]],
    ['a range', { source: parseRange('192.0.2.8-192.0.2.9')! }, [2]],
    ['an IPv6 network', { source: parseRange('2001:db8::/64')! }, [3]],
    ['every IPv6 address', { source: parseRange('::/0')! }, [3, 4]],
    ['a country', { country: 'US' }, [2]],
    ['no country', { country: '' }, [5, 6]],
    ['an extension, in any case', { extension: 'sALES' }, [4]],
    ['the newest', { limit: 2 }, [5, 6]],
    ['the newest of those', { outcome: 'stranger', limit: 2 }, [4, 5]],
    ['several at once', { outcome: 'stranger', country: 'RU', since: 2_000 }, [3, 4]],
    ['nothing', { country: "'; DROP TABLE call; --" }, []],
    [
      'what is undefined is not looked at',
      { country: undefined, limit: undefined },
      [1, 2, 3, 4, 5, 6],
    ],
  ])('by %s', (_, filter, ids) => {
    expect(queryCalls(database, filter).map((call) => call.id)).toEqual(ids);
  });

  it('one network after another on the same connection', () => {
    const ids = (text: string) =>
      queryCalls(database, { source: parseRange(text)! }).map((call) => call.id);
    expect([ids('192.0.2.7'), ids('192.0.2.9'), ids('192.0.2.7')]).toEqual([[1], [2], [1]]);
  });

  it('reads with a connection that may not write', () => {
    const reader = openDatabase(join(folder, 'test.db'), { readonly: true });
    expect(queryCalls(reader, { source: parseRange('192.0.2.0/24')! })).toHaveLength(2);
    reader.close();
  });

  it('finds what a change of the policy is tried on', () => {
    expect(recentCalls(database, 'stranger', 2).map((call) => call.id)).toEqual([4, 5]);
    expect(recentCalls(database, 'allow', 50).map((call) => call.id)).toEqual([2]);
  });

  it('counts outcomes', () => {
    expect(callCounts(database, 0)).toEqual({ allow: 1, stranger: 4, unlisted: 1 });
    expect(callCounts(database, 6_000)).toEqual({ allow: 0, stranger: 0, unlisted: 1 });
  });

  it.each<[CallFilter]>([[{}], [{ since: 0 }], [{ outcome: 'stranger', limit: 50 }]])(
    '%j walks an index, and sorts nothing',
    (filter) => {
      const clauses = filter.outcome ? "WHERE outcome = 'stranger'" : '';
      const plan = database
        .prepare(
          `EXPLAIN QUERY PLAN SELECT * FROM call ${clauses} ORDER BY at DESC, id DESC LIMIT 9`,
        )
        .all() as { detail: string }[];
      expect(plan.map((step) => step.detail).join()).toMatch(/USING INDEX call_/);
      expect(plan.map((step) => step.detail).join()).not.toContain('TEMP B-TREE');
    },
  );
});

describe('followCalls', () => {
  it('shows calls as another process writes them, and ends when told', async () => {
    journal.record(aStranger('192.0.2.1'));
    const reader = openDatabase(join(folder, 'test.db'), { readonly: true });
    const end = new AbortController();
    const seen: string[] = [];
    const follow = followCalls(reader, { outcome: 'stranger' }, end.signal);
    const first = follow.next();
    journal.record(aStranger('192.0.2.2'));
    journal.record(
      aStranger('192.0.2.3', { verdict: { outcome: 'unlisted', reason: 'unlisted' } }),
    );
    journal.record(aStranger('192.0.2.4'));
    const { value } = await first;
    if (value) seen.push(value.source);
    for await (const call of follow) {
      seen.push(call.source);
      if (seen.length === 2) journal.record(aStranger('192.0.2.5'));
      if (seen.length === 3) end.abort();
    }
    expect(seen).toEqual(['192.0.2.2', '192.0.2.4', '192.0.2.5']);
    reader.close();
  });

  it('begins behind a row', async () => {
    for (let i = 1; i <= 3; i++) journal.record(aStranger(`192.0.2.${i}`));
    const end = new AbortController();
    const seen: number[] = [];
    for await (const call of followCalls(database, {}, end.signal, 1)) {
      seen.push(call.id);
      if (seen.length === 2) end.abort();
    }
    expect(seen).toEqual([2, 3]);
  });

  it('ends at once where it was told before', async () => {
    const calls = followCalls(database, {}, AbortSignal.abort());
    expect(await calls.next()).toEqual({ done: true, value: undefined });
  });
});
