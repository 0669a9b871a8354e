import { existsSync, rmdirSync } from 'node:fs';
import { applyEdit, type Edit, readText } from '../edits.ts';
import { Fault } from '../errors.ts';
import type { Hands } from './hands.ts';
import type { SetupRecord } from './record.ts';
import { reload } from './reload.ts';
import { readRow, sameRow, writeRow } from './rows.ts';
import { runProgram } from './run-program.ts';

/**
 * Puts everything back to where it was before the setup of the record, as far as nobody has changed
 * it since. What is back already stays, so it can be done again.
 * @returns what could not be taken back and why, a line each; empty where all was
 */
export async function takeBack(
  record: SetupRecord,
  databasePath: string,
  hands: Hands,
): Promise<string[]> {
  const left: string[] = [];
  const attempt = async (work: () => unknown): Promise<boolean> => {
    try {
      await work();
      return true;
    } catch (cause) {
      if (!(cause instanceof Fault)) throw cause;
      left.push(cause.message);
      return false;
    }
  };

  if (record.enabled.length > 0) {
    await attempt(() => runProgram('systemctl', 'disable', '--now', ...record.enabled));
  }
  // Whether Asterisk may still ask about calls: then the rules and the mode it asks for stay.
  let asks = false;
  for (const edit of [...record.files].reverse()) {
    if (!isRestorable(edit)) left.push(`${edit.file} (changed since)`);
    else if (await attempt(() => restore(edit))) continue;
    asks = true;
  }
  for (const what of record.reloads) {
    if (!(await attempt(() => reload(what, record.console))) && what === 'dialplan') asks = true;
  }
  for (const folder of record.folders) removeIfEmpty(folder);
  if (asks)
    left.push(...record.rows.map(({ table, key }) => `${table} ${key} (for Asterisk asks)`));
  else await attempt(async () => left.push(...(await takeRowsBack(record, databasePath, hands))));
  return left;
}

function isRestorable({ file, before, after }: Edit): boolean {
  const now = readText(file);
  return now === after || now === before;
}

function restore({ file, before }: Edit): void {
  const now = readText(file);
  if (now !== before) applyEdit({ file, before: now, after: before });
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {} // not empty: the database stays, for example
}

/** @returns what has been changed since, and so stays */
async function takeRowsBack(
  record: SetupRecord,
  databasePath: string,
  hands: Hands,
): Promise<string[]> {
  const stays: string[] = [];
  if (record.rows.length === 0 || !existsSync(databasePath)) return stays;
  await hands.change(databasePath, (database, now) => {
    for (const row of record.rows) {
      const present = readRow(database, row);
      if (sameRow(present, row.before)) continue;
      if (sameRow(present, row.after)) writeRow(database, row, row.before, now);
      else stays.push(`${row.table} ${row.key} (changed since)`);
    }
  });
  return stays;
}
