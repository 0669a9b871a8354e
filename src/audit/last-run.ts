import * as v from 'valibot';
import type { Database } from '../database/index.ts';
import type { Run } from './difference.ts';

/** In table `setting`: the last run of each configuration folder, by its path. */
const NAME = 'audit';

const shape = v.record(
  v.string(),
  v.object({ at: v.number(), found: v.record(v.string(), v.array(v.string())) }),
);

/** @returns undefined where there was none, or it can't be understood */
export function lastRun(database: Database, folder: string): Run | undefined {
  return lastRuns(database)[folder];
}

export function keepRun(database: Database, folder: string, run: Run): void {
  const runs = { ...lastRuns(database), [folder]: run };
  database
    .prepare(
      `INSERT INTO setting (name, value) VALUES (?, ?)
       ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
    )
    .run(NAME, JSON.stringify(runs));
}

function lastRuns(database: Database): Readonly<Record<string, Run>> {
  const text = database.prepare('SELECT value FROM setting WHERE name = ?').pluck().get(NAME);
  try {
    return v.parse(shape, JSON.parse(String(text)));
  } catch {
    return {};
  }
}
