import { cidr, formatRange, parseAddress } from '../address/index.ts';
import type { CallRecords } from '../call-records/index.ts';
import type { Database } from '../database/index.ts';
import type { JournalledCall } from '../journal/index.ts';
import { ANSWERED_SECONDS, loadAnswered } from './answered.ts';
import { type Bench, type Judgeable, rejudge } from './rejudge.ts';
import { gatherSource, type LikelySource } from './source.ts';
import { type Count, createTally } from './tally.ts';

/** What enforce mode would have done to the calls of the last days. */
export interface Rehearsal {
  /** Calls journalled. */
  readonly calls: number;
  /** Of these, those that today's rules refuse; callers of unlisted extensions among them. */
  readonly refused: number;
  /** Of these, those that got through, as the mode was monitor. */
  readonly passed: number;
  /** Of the refused: the most of each, and how many. */
  readonly reasons: readonly Count[];
  /** Codes; empty where no country is known. */
  readonly countries: readonly Count[];
  /** IPv4 /24 and IPv6 /48; empty for calls without an address. */
  readonly networks: readonly Count[];
  /** Who got through and looks legitimate, the longest and most frequent callers first. */
  readonly likely: readonly LikelySource[];
}

export interface RehearseOptions extends Bench {
  /** Milliseconds since 1970: calls from then on. */
  readonly since: number;
  /** Undefined where there are none: then repetition alone tells who looks legitimate. */
  readonly records?: CallRecords | undefined;
}

const TOP = 10;
/** Addresses of one network are one line: the least that is routed. */
const NETWORK = { 4: 24, 6: 48 } as const;

/**
 * Judges the journal of the last days by today's rules. The calls come from SQLite source by source,
 * so that memory holds one source at a time, whatever an attack has left in the journal.
 * @param database a connection that nobody else uses meanwhile
 * @throws Fault where the call records can't be read
 */
export async function rehearse(database: Database, options: RehearseOptions): Promise<Rehearsal> {
  const { since, records } = options;
  await loadAnswered(database, records);
  const calls = database
    .prepare(
      `SELECT at, entry, source, counted, domain, extension, agent, outcome, reason, enforced,
         CASE WHEN enforced = 0 THEN ${ANSWERED_SECONDS} END AS seconds
       FROM call WHERE at >= ? ORDER BY counted`,
    )
    .iterate(since) as IterableIterator<Row>;
  const told = (call: Row) => {
    const known = call.seconds || (records && call.at >= records.since);
    return known ? (call.seconds ?? 0) : undefined;
  };

  const reasons = createTally();
  const countries = createTally();
  const networks = createTally();
  const likely: LikelySource[] = [];
  let total = 0;
  let passed = 0;
  let refused = 0;
  let source = gatherSource('');

  const finish = () => {
    if (source.refused() > 0) networks.add(networkOf(source.counted), source.refused());
    const found = source.likely();
    if (found) likely.push(found);
  };

  for (const call of calls) {
    if (call.counted !== source.counted) {
      finish();
      source = gatherSource(call.counted);
    }
    total++;
    const { outcome, reason, country } = rejudge(call, options);
    if (outcome === 'allow') continue;
    refused++;
    reasons.add(reason, 1);
    countries.add(country, 1);
    if (call.enforced === 1) source.refuse();
    else {
      passed++;
      const { at, source: address, extension, domain } = call;
      source.pass({ at, source: address, country, reason, extension, domain, seconds: told(call) });
    }
  }
  finish();
  return {
    ...{ calls: total, refused, passed },
    reasons: reasons.top(TOP),
    countries: countries.top(TOP),
    networks: networks.top(TOP),
    likely: likely.sort((a, b) => b.longest - a.longest || b.calls - a.calls),
  };
}

type Row = Judgeable &
  Pick<JournalledCall, 'at' | 'counted'> & {
    readonly enforced: number;
    readonly seconds: number | null;
  };

function networkOf(counted: string): string {
  const address = parseAddress(counted.replace(/\/64$/, ''));
  return address ? formatRange(cidr(address, NETWORK[address.family])) : '';
}
