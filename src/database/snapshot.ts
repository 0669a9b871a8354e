import SQLite from 'better-sqlite3';
import type { Database } from './database.ts';

/** As many as there are. */
const ALL_PAGES = 2 ** 31 - 1;

/**
 * Copies a database that others use at the same time, as it stands at one moment, into a new file
 * that needs no other beside it.
 */
export async function snapshot(database: Database, path: string): Promise<void> {
  // In one go (it takes a read lock, which is in nobody's way): page by page, each call that a busy
  // server journals would have SQLite begin anew.
  await database.backup(path, { progress: () => ALL_PAGES });
  const copy = new SQLite(path);
  try {
    copy.pragma('journal_mode = DELETE');
  } finally {
    copy.close();
  }
}

/** Whether SQLite finds its pages and indices in order. Reads all of it: some seconds for a million calls. */
export function isSound(database: Database): boolean {
  try {
    return database.pragma('integrity_check(1)', { simple: true }) === 'ok';
  } catch (cause) {
    if (/^SQLITE_(CORRUPT|NOTADB|IOERR)/.test(String((cause as { code?: unknown }).code)))
      return false;
    throw cause;
  }
}
