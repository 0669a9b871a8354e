import type { Database } from '../database/index.ts';

/**
 * Since when no verdict was acted on: the first call of those since the last one in mode `enforce`.
 * @returns milliseconds since 1970; undefined where the last call was in that mode, or there is none
 */
export function unenforcedSince(database: Database): number | undefined {
  const since = database
    .prepare(
      `SELECT min(at) FROM call
       WHERE at > coalesce((SELECT at FROM call WHERE enforced = 1 ORDER BY id DESC LIMIT 1), 0)`,
    )
    .pluck()
    .get() as number | null;
  return since ?? undefined;
}
