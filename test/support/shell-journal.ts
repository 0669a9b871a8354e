import { openDatabase } from '../../src/database/index.ts';
import { createJournal, type JournalEntry } from '../../src/journal/index.ts';
import type { Shell } from './cli.ts';
import { listeningLog } from './log.ts';

/** Journals calls as the server does, in the shell's database. */
export function journal(shell: Shell, entries: readonly JournalEntry[], alerts = false): void {
  const database = openDatabase(shell.env['IPCOUNTRY_DATABASE_PATH']!);
  const book = createJournal(database, { log: listeningLog().log, alerts });
  for (const entry of entries) book.record(entry);
  book.close();
  database.close();
}
