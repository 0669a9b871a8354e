import { existsSync } from 'node:fs';
import type { Run } from '../audit/difference.ts';
import { keepRun, lastRun } from '../audit/last-run.ts';
import { type Database, openDatabase } from '../database/index.ts';
import { Fault, fault } from '../errors.ts';

/** The database as an audit uses it: never made, and written to for the next comparison alone. */
export interface AuditStore {
  /** For reading; undefined where there is none. @throws Fault where it can't be read */
  database(): Database | undefined;
  /** The run before this one; undefined where none is known. */
  lastRun(): Run | undefined;
  /** @returns why the run could not be kept, where it could not */
  keep(run: Run): string | undefined;
  close(): void;
}

/** @param folder the configuration that is looked at: each is compared with itself */
export function openAuditStore(path: string, folder: string): AuditStore {
  let reading: Database | undefined;

  function database(): Database | undefined {
    if (!existsSync(path)) return undefined;
    reading ??= openDatabase(path, { readonly: true });
    return reading;
  }

  return {
    database,
    lastRun() {
      try {
        const known = database();
        return known && lastRun(known, folder);
      } catch (cause) {
        if (cause instanceof Fault) return undefined; // keep() says it
        throw cause;
      }
    },
    keep(run) {
      try {
        if (!database()) return `there is no database (${path})`;
        const writing = openDatabase(path);
        try {
          keepRun(writing, folder, run);
        } finally {
          writing.close();
        }
        return undefined;
      } catch (cause) {
        const { code = '' } = cause as NodeJS.ErrnoException;
        if (cause instanceof Fault) return cause.message;
        if (code.startsWith('SQLITE_')) return fault('database-unreadable', path, code).message;
        throw cause;
      }
    },
    close: () => reading?.close(),
  };
}
