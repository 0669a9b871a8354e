import { setImmediate as nextTurn } from 'node:timers/promises';
import type { BlockFacts } from '../blocks/index.ts';
import type { Database } from '../database/index.ts';
import type { AlertFacts } from '../journal/index.ts';

/** What a mail tells of one network: its calls that were refused, or that it was blocked. */
export type AlertGroup = {
  /** IPv4 address or IPv6 /64; empty for calls without an address. */
  readonly counted: string;
  readonly count: number;
  readonly first: number;
  readonly last: number;
  // `facts` are those of the last of them.
} & (
  | { readonly kind: 'call'; readonly facts: AlertFacts }
  | { readonly kind: 'block'; readonly facts: BlockFacts }
);

export interface MailContents {
  /** Refused calls and blocks together. */
  readonly total: number;
  readonly blocks: number;
  /** How many groups there are, shown or not. */
  readonly networks: number;
  /** Blocks first, then the networks with the most calls; not more than were asked for. */
  readonly groups: readonly AlertGroup[];
}

/** Networks counted at a time: a millisecond or so, then calls are looked at again. */
const SLICE = 500;
/** In the order in which a mail tells of them. */
const KINDS = ['block', 'call'] as const;

interface Counted {
  readonly counted: string;
  readonly count: number;
  /** Rows of the first and of the last of them. */
  readonly oldest: number;
  readonly newest: number;
}

/** Counts what is in a mail, a little at a time, and remembers no more than it tells. */
export async function readContents(
  database: Database,
  mail: number,
  most: number,
): Promise<MailContents> {
  const slice = database.prepare(
    `SELECT counted, count(*) AS count, min(id) AS oldest, max(id) AS newest
     FROM alert WHERE mail_id = ? AND kind = ? AND counted >= ?
     GROUP BY counted ORDER BY counted LIMIT ${SLICE}`,
  );
  const totals = { block: 0, call: 0 };
  let networks = 0;
  const told: (Counted & { readonly kind: AlertGroup['kind'] })[] = [];
  for (const kind of KINDS) {
    let best: Counted[] = [];
    for (let from: string | undefined = ''; from !== undefined; ) {
      const rows = slice.all(mail, kind, from) as Counted[];
      for (const { count } of rows) totals[kind] += count;
      networks += rows.length;
      best = [...best, ...rows].sort(byCalls).slice(0, most);
      // The text that follows it in SQLite's order.
      from = rows.length < SLICE ? undefined : `${rows.at(-1)!.counted}\u0000`;
      if (from !== undefined) await nextTurn();
    }
    told.push(...best.map((one) => ({ ...one, kind })));
  }
  const row = database.prepare('SELECT created_at AS at, facts FROM alert WHERE id = ?');
  const groups = told.slice(0, most).map(({ kind, counted, count, oldest, newest }) => {
    const [first, last] = [oldest, newest].map(
      (id) => row.get(id) as { at: number; facts: string },
    );
    return {
      kind,
      counted,
      count,
      first: first!.at,
      last: last!.at,
      facts: JSON.parse(last!.facts),
    };
  });
  return { total: totals.block + totals.call, blocks: totals.block, networks, groups };
}

function byCalls(a: Counted, b: Counted): number {
  return b.count - a.count || b.newest - a.newest;
}
