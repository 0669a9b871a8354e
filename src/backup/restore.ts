import type { Database } from '../database/index.ts';
import { fault } from '../errors.ts';
import { lastBackup, noteBackup } from './last.ts';
import { isOfOthers, type OpenBackup } from './open.ts';

/** Become what the backup has. */
const REPLACED = ['rule', 'resolved_name', 'extension', 'domain', 'scanner', 'block'];
/**
 * History: what the backup has and the database lost comes back, and nothing is taken away. Rows of
 * the same number are the same.
 */
const MERGED = ['call', 'block_event'];
/**
 * What is owed in mail is of today: what waited when the backup was made has been sent since, and
 * must not be sent twice. For the same reason nothing of these is restored into a new database.
 */
const KEPT = ['alert', 'mail', 'alert_window'];
/**
 * Of the settings only the mode is the administrator's word that a backup keeps; the rest tells of
 * this host as it is, the confirmed firewall most of all. A database that is new has nothing to tell.
 */
const RESTORED_SETTINGS = ['mode'];
const RESTORED_IF_NEW = ['firewall'];

/** Every table there is: a test holds it against the database. */
export const TABLES = [...REPLACED, ...MERGED, ...KEPT, 'setting'];

/**
 * Makes a backup's database readable to {@link restoreRows} beside the one that is open.
 * @returns what ends that
 */
export function attach(database: Database, backup: OpenBackup): () => void {
  database.prepare('ATTACH ? AS backup').run(backup.database);
  return () => void database.exec('DETACH backup');
}

/**
 * Brings the rows of the attached backup into the database, in the caller's transaction: a process
 * that is killed leaves all as it was. The triggers move the revisions, so that a running server
 * and a running guard take it in as they take any change.
 * @param isNew the database holds nothing of an administrator's yet
 * @throws Fault where the backup's tables are none of ours
 */
export function restoreRows(database: Database, backup: OpenBackup, isNew: boolean): void {
  try {
    replaceAndMerge(database, isNew);
  } catch (cause) {
    if (!isOfOthers(cause)) throw cause;
    throw fault('backup-damaged', backup.file, 'its database is damaged');
  }
  noteBackup(database, Math.max(backup.manifest.at, lastBackup(database) ?? 0));
}

function replaceAndMerge(database: Database, isNew: boolean): void {
  for (const table of REPLACED) {
    database.exec(`DELETE FROM main.${table}`);
    copy('INSERT', table);
  }
  for (const table of MERGED) copy('INSERT OR IGNORE', table);
  const setting = database.prepare(
    `INSERT INTO main.setting (name, value) SELECT name, value FROM backup.setting WHERE name = ?
     ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
  );
  for (const name of [...RESTORED_SETTINGS, ...(isNew ? RESTORED_IF_NEW : [])]) setting.run(name);

  function copy(insert: string, table: string): void {
    const columns = database
      .prepare('SELECT name FROM pragma_table_info(?)')
      .pluck()
      .all(table)
      .join(', ');
    database.exec(
      `${insert} INTO main.${table} (${columns}) SELECT ${columns} FROM backup.${table}`,
    );
  }
}
