import type { Database } from '../database/index.ts';

/** When the last backup that succeeded was made, milliseconds since 1970; undefined: never. */
export function lastBackup(database: Database): number | undefined {
  const text = database.prepare("SELECT value FROM setting WHERE name = 'backup_at'").pluck().get();
  const at = Number(text);
  return text !== undefined && Number.isSafeInteger(at) ? at : undefined;
}

export function noteBackup(database: Database, at: number): void {
  database
    .prepare(
      `INSERT INTO setting (name, value) VALUES ('backup_at', ?)
       ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
    )
    .run(String(at));
}
