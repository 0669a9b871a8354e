import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import type { Database } from '../database/index.ts';

/** Rows deleted in one transaction: a few milliseconds, then calls are looked at again. */
const BATCH = 500;
/** Milliseconds to wait for another writer, and how often. */
const BUSY_PAUSE = 200;
const BUSY_TRIES = 50;
/**
 * Pages of the write-ahead log that are moved into the file in one go, which calls wait for: pages
 * all over the file, and not only at its end, as what is deleted is in the indexes, too.
 */
const CHECKPOINT = 1_000;

export interface Retention {
  /** Days that a call is kept; 0 keeps it for ever. */
  readonly days: number;
  /** Calls that are kept at most; 0 sets no limit. */
  readonly rows: number;
  /** Milliseconds since 1970, UTC. */
  readonly now: number;
  readonly signal?: AbortSignal;
}

const DAY = 86_400_000;

/**
 * Deletes calls that are too old or too many, the oldest first, in small transactions with other
 * work between them. The newest call always stays, so that ids are never given twice.
 * @returns how many were deleted
 * @throws SQLite's error where the database stays locked; what was deleted stays deleted
 */
export async function pruneJournal(database: Database, retention: Retention): Promise<number> {
  const newest = (database.prepare('SELECT max(id) AS id FROM call').get() as { id: number | null })
    .id;
  if (newest === null) return 0;
  const old = database.prepare(
    `DELETE FROM call WHERE id IN
       (SELECT id FROM call WHERE at < ? AND id < ${newest} ORDER BY at LIMIT ${BATCH})`,
  );
  // Ids only grow, so their difference is at least the number of rows: no need to count them.
  const surplus = database.prepare(
    `DELETE FROM call WHERE id IN
       (SELECT id FROM call WHERE id <= ? ORDER BY id LIMIT ${BATCH})`,
  );
  const { days, rows, now, signal } = retention;
  const checkpoint = database.pragma('wal_autocheckpoint', { simple: true });
  database.pragma(`wal_autocheckpoint = ${CHECKPOINT}`);
  try {
    let deleted = 0;
    if (days > 0) deleted += await inBatches(() => old.run(now - days * DAY).changes, signal);
    if (rows > 0) deleted += await inBatches(() => surplus.run(newest - rows).changes, signal);
    return deleted;
  } finally {
    if (database.open) database.pragma(`wal_autocheckpoint = ${checkpoint}`);
  }
}

async function inBatches(deleteSome: () => number, signal?: AbortSignal): Promise<number> {
  let total = 0;
  for (let tries = 0; !signal?.aborted; ) {
    try {
      const changes = deleteSome();
      total += changes;
      tries = 0;
      if (changes < BATCH) break;
      await nextTurn();
    } catch (cause) {
      const busy = String((cause as { code?: unknown }).code).startsWith('SQLITE_BUSY');
      if (!busy || ++tries > BUSY_TRIES) throw cause;
      await delay(BUSY_PAUSE);
    }
  }
  return total;
}
