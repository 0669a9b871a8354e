import { existsSync, rmdirSync } from 'node:fs';
import { applyEdit, type Edit, readText } from '../edits.ts';
import type { Hands } from './hands.ts';
import type { Part } from './plan.ts';
import type { SetupRecord } from './record.ts';
import { reload } from './reload.ts';
import { readRow, sameRow, writeRow } from './rows.ts';
import { runProgram } from './run-program.ts';

/**
 * Puts everything back to where it was before the setup of the record, as far as nobody has changed
 * it since. What is back already stays, so it can be done again.
 *
 * In the reverse order: while Asterisk has our dialplan, the services, the rules and the mode that it
 * asks for stay.
 * @returns what could not be taken back and why, a line each; empty where all was
 */
export async function takeBack(
  record: SetupRecord,
  databasePath: string,
  hands: Hands,
): Promise<string[]> {
  const left: string[] = [];

  /** @returns whether it was done */
  const attempt = async (work: () => unknown): Promise<boolean> => {
    try {
      await work();
      return true;
    } catch (cause) {
      left.push(whyOf(cause));
      return false;
    }
  };
  /** @returns whether all files of the part are back, and read */
  const restore = async (part: Part, tell: () => Promise<unknown>): Promise<boolean> => {
    const edits = record.files.filter((file) => file.part === part).reverse();
    const before = left.length;
    for (const edit of edits) {
      await attempt(() => {
        if (isOthers(edit)) left.push(`${edit.file} (changed since)`);
        else putBack(edit);
      });
    }
    if (edits.length > 0) await attempt(tell);
    return left.length === before;
  };

  const silent = await restore('dialplan', () => reload('dialplan', record.console));
  await restore('manager', () => reload('manager', record.console));
  const { enabled } = record;
  if (!silent) {
    left.push(
      ...[...enabled, ...record.rows.map(({ key }) => key)].map(
        (what) => `${what} (Asterisk asks still)`,
      ),
    );
    return left;
  }
  if (enabled.length > 0) {
    await attempt(() => runProgram('systemctl', 'disable', '--now', ...enabled));
  }
  await restore('unit', () => runProgram('systemctl', 'daemon-reload'));
  await restore('config', async () => {});
  for (const folder of record.folders) removeIfEmpty(folder);
  await attempt(async () => left.push(...(await takeRowsBack(record, databasePath, hands))));
  return left;
}

/** What went wrong, for people. */
export function whyOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/** Neither as setup left it, nor as it was before. */
function isOthers({ file, before, after }: Edit): boolean {
  const now = readText(file);
  return now !== after && now !== before;
}

function putBack({ file, before }: Edit): void {
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
  { rows }: SetupRecord,
  databasePath: string,
  hands: Hands,
): Promise<string[]> {
  const stays: string[] = [];
  if (rows.length === 0 || !existsSync(databasePath)) return stays;
  await hands.change(databasePath, (database, now) => {
    for (const row of rows) {
      const present = readRow(database, row);
      if (sameRow(present, row.before)) continue;
      if (sameRow(present, row.after)) writeRow(database, row, row.before, now);
      else stays.push(`${row.table} ${row.key} (changed since)`);
    }
  });
  return stays;
}
