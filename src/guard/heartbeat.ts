import * as v from 'valibot';
import type { Database } from '../database/index.ts';

/** Milliseconds between two signs of life. */
export const BEAT = 10_000;

const shape = v.strictObject({
  /** When this guard was started; all times in milliseconds since 1970. */
  since: v.number(),
  /** When it gave its last sign of life. */
  at: v.number(),
  /** Since when it has had no connection to Asterisk; null while it has one. */
  away: v.nullable(v.number()),
  /** Whether it was stopped, and did not die. */
  stopped: v.boolean(),
});

/** What a guard leaves in table `setting`, so that others can tell whether it runs. */
export type Heartbeat = v.InferOutput<typeof shape>;

export function writeHeartbeat(database: Database, heartbeat: Heartbeat): void {
  database
    .prepare(
      `INSERT INTO setting (name, value) VALUES ('guard', ?)
       ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
    )
    .run(JSON.stringify(heartbeat));
}

/** @returns undefined where no guard has ever run on this database */
export function readHeartbeat(database: Database): Heartbeat | undefined {
  const text = database.prepare("SELECT value FROM setting WHERE name = 'guard'").pluck().get();
  try {
    return v.parse(shape, JSON.parse(String(text)));
  } catch {
    return undefined; // none, or one that somebody has edited: the next one is sound
  }
}

/** Whether the guard of this sign of life runs at `now`. */
export function isAlive({ at, stopped }: Heartbeat, now: number): boolean {
  return !stopped && now - at < 3 * BEAT;
}

/**
 * Keeps the sign of life of one guard.
 * @param connected whether Asterisk can be asked now
 */
export function heartbeat(database: Database, connected: () => boolean) {
  const since = Date.now();
  let away: number | null = since;
  const write = (stopped: boolean) => {
    const at = Date.now();
    away = connected() ? null : (away ?? at);
    writeHeartbeat(database, { since, at, away, stopped });
  };
  return { beat: () => write(false), stop: () => write(true) };
}
