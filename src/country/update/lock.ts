import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import SQLite from 'better-sqlite3';
import { fault } from '../../errors.ts';

/**
 * Does `work` while no other program (`serve` by its schedule, the command line) updates the same
 * file. The lock is SQLite's on a file beside it: the kernel takes it away with the process, however
 * that ends, so that none is ever left behind.
 * @throws Fault where another one is at it
 */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  let lock: SQLite.Database | undefined;
  try {
    mkdirSync(dirname(path), { recursive: true });
    lock = new SQLite(`${path}.lock`, { timeout: 0 });
    lock.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock?.close();
    const { code = 'error' } = cause as NodeJS.ErrnoException;
    throw code === 'SQLITE_BUSY' ? fault('update-busy', path) : fault('update-write', path, code);
  }
  try {
    return await work();
  } finally {
    lock.close();
  }
}
