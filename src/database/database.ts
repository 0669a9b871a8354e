import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fchownSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import SQLite from 'better-sqlite3';
import { type Fault, fault } from '../errors.ts';

export type Database = SQLite.Database;

const MIGRATIONS = new URL('../../db/', import.meta.url);

/** How long a writer waits for another (milliseconds): the CLI and the server share the file. */
const BUSY_TIMEOUT = 5_000;
const SWITCH_PAUSE = 5;

/** The journal tells who called whom: nobody else's business. */
const NEW_FILE_MODE = 0o640;

/**
 * Pages (of 4 KB) in the write-ahead log before they are moved into the database file, for which a
 * call waits until the disk has them (fsync): 40 to 90 ms once in some 2 000 calls. SQLite's own
 * 1 000 would have it four times as often, 16 000 have it take two or three times as long, which on
 * a slow disk would be too late for the call.
 */
const CHECKPOINT = 4_000;

export interface OpenOptions {
  readonly readonly?: boolean;
  /** Milliseconds to wait for another writer; the call server passes less, as it must answer. */
  readonly busyTimeout?: number;
}

/**
 * Opens the database, makes it where there is none (its folder too), and brings it up to date.
 * WAL with `synchronous=NORMAL`: a commit survives the death of the process at any moment.
 * @throws Fault where it can't be read, is no database, or is newer than this program
 */
export function openDatabase(path: string, options: OpenOptions = {}): Database {
  let database: Database | undefined;
  try {
    if (!options.readonly) makeFile(path);
    const timeout = options.busyTimeout ?? BUSY_TIMEOUT;
    database = new SQLite(path, { readonly: options.readonly ?? false, timeout });
    if (!options.readonly) {
      switchToWal(database, timeout);
      database.pragma('synchronous = NORMAL');
    }
    database.pragma(`wal_autocheckpoint = ${CHECKPOINT}`);
    database.pragma('foreign_keys = ON');
    migrate(database, path);
    return database;
  } catch (cause) {
    database?.close();
    throw openingFault(cause, path);
  }
}

/**
 * What root makes belongs to whom the folder belongs to: the service, a user of its own, would be
 * shut out of it. (To the files beside it, -wal and -shm, SQLite itself gives the database's owner.)
 */
function makeFile(path: string): void {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true });
  if (process.getuid?.() !== 0 || existsSync(path)) return;
  const { uid, gid } = statSync(folder);
  if (uid === 0) return;
  // 'x': nothing that the service may have put there (a link) is written through.
  const file = openSync(path, 'ax', NEW_FILE_MODE);
  fchownSync(file, uid, gid);
  closeSync(file);
}

/**
 * SQLite waits for other writers, but not for a program that is switching the same new file at
 * this moment: that is SQLITE_BUSY at once, to avoid a deadlock.
 */
function switchToWal(database: Database, timeout: number): void {
  const end = performance.now() + timeout;
  for (;;) {
    try {
      database.pragma('journal_mode = WAL');
      return;
    } catch (cause) {
      const busy = /^SQLITE_BUSY/.test((cause as NodeJS.ErrnoException).code ?? '');
      if (!busy || performance.now() >= end) throw cause;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, SWITCH_PAUSE);
  }
}

/**
 * What SQLite said of the database at `path`, when it was opened or while it was in use, as a Fault
 * that an administrator can act on; anything else as it is.
 */
export function databaseFault(cause: unknown, path: string): unknown {
  const { code = '' } = cause as NodeJS.ErrnoException;
  if (code === 'SQLITE_NOTADB') return fault('database-not', path);
  if (/^SQLITE_CORRUPT/.test(code)) return fault('database-damaged', path);
  if (/^SQLITE_(CANTOPEN|READONLY|PERM|IOERR)/.test(code)) return notUsable(path, code);
  if (code === 'SQLITE_FULL') return fault('database-full', path);
  if (/^SQLITE_BUSY/.test(code)) return fault('database-busy', path);
  return cause;
}

/** The same for what goes wrong around SQLite when the file is opened: its folder, its switch to WAL. */
function openingFault(cause: unknown, path: string): unknown {
  const { code = '' } = cause as NodeJS.ErrnoException;
  if (/^(EACCES|EROFS|ENOTDIR|EPERM|EEXIST)$/.test(code)) return notUsable(path, code);
  if (code === 'ENOSPC') return fault('database-full', path);
  if (cause instanceof TypeError && /directory does not exist/.test(cause.message)) {
    return fault('database-unreadable', path, 'ENOENT');
  }
  return databaseFault(cause, path);
}

function notUsable(path: string, code: string): Fault {
  return isDenied(path) ? fault('database-denied', path) : fault('database-unreadable', path, code);
}

/** Whether it is for want of rights that the database can't be opened. */
function isDenied(path: string): boolean {
  const denied = (file: string) => {
    try {
      accessSync(file, constants.R_OK | constants.W_OK);
      return false;
    } catch (cause) {
      return (cause as NodeJS.ErrnoException).code === 'EACCES';
    }
  };
  return denied(path) || denied(dirname(path));
}

interface Migration {
  readonly version: number;
  readonly file: string;
}

function migrations(): Migration[] {
  return readdirSync(fileURLToPath(MIGRATIONS))
    .filter((file) => /^\d{4}-.*\.sql$/.test(file))
    .sort()
    .map((file) => ({ version: Number(file.slice(0, 4)), file }));
}

/** Applies what is missing, each migration in one transaction, counted by `user_version`. */
function migrate(database: Database, path: string): void {
  const known = migrations();
  const newest = known.at(-1)!.version;
  const version = () => database.pragma('user_version', { simple: true }) as number;
  if (version() > newest) throw fault('database-newer', path, version(), newest);
  for (const { version: wanted, file } of known) {
    if (version() >= wanted) continue;
    if (database.readonly) throw fault('database-older', path);
    const sql = readFileSync(new URL(file, MIGRATIONS), 'utf8');
    // Looked at again inside the transaction: two programs may start on a new database at once.
    database
      .transaction(() => {
        if (version() >= wanted) return;
        database.exec(sql);
        database.pragma(`user_version = ${wanted}`);
      })
      .immediate();
  }
}
