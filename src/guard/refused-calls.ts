import { type Address, parseAddress } from '../address/index.ts';
import { lastLift } from '../blocks/index.ts';
import type { Database } from '../database/index.ts';

/** A call that was refused, as far as the guard counts it. */
export interface RefusedCall {
  readonly source: Address;
  /** Milliseconds since 1970, UTC. */
  readonly at: number;
  readonly reason: string;
}

/** Rows read at a time. */
const BATCH = 1_000;

/**
 * Follows the journal: each look gives the calls that were refused since the last. Calls that were
 * only journalled (monitor mode) are no strikes, nor are those from before a block was lifted: who
 * was let in again must not be shut out for the same once more; nor are old calls that come back to
 * the journal with a backup.
 * @param oldest of the calls that count now, milliseconds since 1970
 */
export function followRefusedCalls(database: Database, oldest: () => number): () => RefusedCall[] {
  // `+`: by the time's index. SQLite would walk the ids from the oldest to the first that is new enough.
  const first = database.prepare('SELECT coalesce(min(+id), 0) FROM call WHERE at >= ?').pluck();
  const newest = database.prepare('SELECT coalesce(max(id), 0) FROM call').pluck();
  const after = database.prepare(
    `SELECT id, source, at, reason, outcome, enforced FROM call WHERE id > ? ORDER BY id
     LIMIT ${BATCH}`,
  );
  let seen = ((first.get(oldest()) as number) || (newest.get() as number) + 1) - 1;

  return () => {
    const calls: RefusedCall[] = [];
    const from = oldest();
    for (;;) {
      const rows = after.all(seen) as Row[];
      for (const { source, at, reason, outcome, enforced } of rows) {
        const address = parseAddress(source);
        if (outcome !== 'stranger' || enforced !== 1 || !address || at < from) continue;
        if (at > lastLift(database, address)) calls.push({ source: address, at, reason });
      }
      seen = rows.at(-1)?.id ?? seen;
      if (rows.length < BATCH) return calls;
    }
  };
}

interface Row {
  readonly id: number;
  readonly source: string;
  readonly at: number;
  readonly reason: string;
  readonly outcome: string;
  readonly enforced: number;
}
