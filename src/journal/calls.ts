import { setTimeout as delay } from 'node:timers/promises';
import type { AddressRange } from '../address/index.ts';
import type { Database } from '../database/index.ts';
import type { Entry, Reason, Verdict } from '../screening/index.ts';
import { defineSourceWithin, sharedText } from './source-within.ts';

/** One row of the journal. All text but our own words is the caller's. */
export interface JournalledCall {
  readonly id: number;
  /** Milliseconds since 1970, UTC. */
  readonly at: number;
  readonly entry: Entry;
  readonly technology: string;
  readonly channel: string;
  readonly uniqueid: string;
  /** An address, text that is none, or empty. */
  readonly source: string;
  /** IPv4 address or IPv6 /64; empty without address. */
  readonly counted: string;
  readonly country: string;
  readonly operator: number | undefined;
  readonly sipuri: string;
  readonly domain: string;
  readonly extension: string;
  readonly number: string;
  readonly name: string;
  readonly agent: string;
  readonly outcome: Verdict['outcome'];
  readonly reason: Reason;
  /** The rule behind the verdict: its list and subject, or empty. */
  readonly ruleList: string;
  readonly rule: string;
  readonly route: string;
  readonly enforced: boolean;
  readonly micros: number;
}

/** What is left out is not looked at. Times in milliseconds since 1970, UTC. */
export interface CallFilter {
  readonly since?: number | undefined;
  /** Not included. */
  readonly until?: number | undefined;
  readonly outcome?: Verdict['outcome'] | undefined;
  readonly reason?: string | undefined;
  /** An address or network that the source lies in. */
  readonly source?: AddressRange | undefined;
  readonly country?: string | undefined;
  readonly extension?: string | undefined;
  /** At most this many, the newest. */
  readonly limit?: number | undefined;
}

const CLAUSES = {
  since: 'at >= @since',
  until: 'at < @until',
  outcome: 'outcome = @outcome',
  reason: 'reason = @reason',
  // What begins otherwise is left out without asking us, which takes longer than reading the row.
  source: 'substr(source, 1, length(@shared)) = @shared AND source_within(source)',
  country: 'country = @country',
  extension: 'extension = @extension COLLATE NOCASE',
} as const;

/** The calls that the filter lets through, the newest last, as people read a log. */
export function queryCalls(database: Database, filter: CallFilter = {}): JournalledCall[] {
  return select(database, filter, 'ORDER BY at DESC, id DESC LIMIT @limit', {
    limit: filter.limit ?? -1,
  }).reverse();
}

/** Rows that are looked at for the last calls of an outcome: some 30 ms. */
const RECENT = 100_000;

/**
 * The last calls with this outcome, the newest last: to try a change of the policy on. Those of the
 * last hundred thousand calls: an attack of millions must not make each change wait for a walk
 * through all of it.
 */
export function recentCalls(
  database: Database,
  outcome: Verdict['outcome'],
  limit: number,
): JournalledCall[] {
  const rest = 'AND id > @after ORDER BY id DESC LIMIT @limit';
  return select(database, { outcome }, rest, { after: lastId(database) - RECENT, limit }).reverse();
}

/** How many calls had which outcome since then (milliseconds since 1970, UTC). */
export function callCounts(database: Database, since: number): Record<Verdict['outcome'], number> {
  const counts = { allow: 0, stranger: 0, unlisted: 0 };
  const rows = database
    .prepare('SELECT outcome, count(*) AS count FROM call WHERE at >= ? GROUP BY outcome')
    .all(since) as { outcome: Verdict['outcome']; count: number }[];
  for (const { outcome, count } of rows) counts[outcome] = count;
  return counts;
}

/** Milliseconds between two looks for new calls: one look-up of the last id. */
const POLL = 200;

/**
 * Calls as they are journalled, by whatever process, from now on (or behind the row `after`), until
 * `signal` aborts.
 */
export async function* followCalls(
  database: Database,
  filter: CallFilter,
  signal: AbortSignal,
  after?: number,
): AsyncGenerator<JournalledCall, void, void> {
  let last = after ?? lastId(database);
  while (!signal.aborted) {
    const newest = lastId(database);
    if (newest > last) {
      const where = 'AND id > @last AND id <= @newest ORDER BY id';
      yield* select(database, filter, where, { last, newest });
      last = newest;
    }
    await delay(POLL, undefined, { signal }).catch(() => {}); // aborted: the loop ends
  }
}

function lastId(database: Database): number {
  const row = database.prepare('SELECT max(id) AS id FROM call').get() as { id: number | null };
  return row.id ?? 0;
}

function select(
  database: Database,
  filter: CallFilter,
  rest: string,
  values: Record<string, number>,
): JournalledCall[] {
  const used = (Object.keys(CLAUSES) as (keyof typeof CLAUSES)[]).filter(
    (name) => filter[name] !== undefined,
  );
  const clauses = ['TRUE', ...used.map((name) => CLAUSES[name])].join(' AND ');
  const bound: Record<string, unknown> = { ...filter, ...values };
  if (filter.source) {
    bound['shared'] = sharedText(filter.source);
    defineSourceWithin(database, filter.source);
  }
  const rows = database.prepare(`SELECT * FROM call WHERE ${clauses} ${rest}`).all(bound);
  return (rows as Row[]).map(callOf);
}

type Row = Omit<JournalledCall, 'operator' | 'enforced' | 'ruleList'> & {
  readonly operator: number | null;
  readonly enforced: number;
  readonly rule_list: string;
};

function callOf({ rule_list, ...row }: Row): JournalledCall {
  return {
    ...row,
    ruleList: rule_list,
    operator: row.operator ?? undefined,
    enforced: row.enforced === 1,
  };
}
