import type { FileHandle } from 'node:fs/promises';

/** Bytes between two looks, from the end of the file to its beginning. */
const STRIDE = 1 << 20;
/** Bytes in which a whole record is found: it has at most 1 024 (cdr_csv.c, csv_log). */
const LOOK = 1 << 14;

/**
 * A record from its beginning to its end time: nine quoted fields, start, answer (may be missing),
 * end. Callers' text may hold line ends, but every quote in it is doubled, so that a place inside of
 * it, read as a beginning, breaks at the first field that has something in it.
 */
const RECORD = String.raw`(?:"(?:[^"]|"")*",){9}"[\d :-]{19}",(?:"[\d :-]{19}")?,"([\d :-]{19})",`;
const BEHIND_LINE_END = new RegExp(`\n${RECORD}`);
const AT_BEGINNING = new RegExp(`(?:^|\n)${RECORD}`);

/**
 * Where to begin to read a Master.csv for all calls that ended after `since`. Records are written as
 * calls end, so their end times ascend: the file, which may have hundreds of MB, is read backwards
 * until one of them is older.
 * @param since `2026-11-21 14:03:22`, compared as text
 * @returns an offset in bytes at which a record begins, and whether older ones stand before it
 */
export async function windowStart(
  file: FileHandle,
  size: number,
  since: string,
): Promise<{ readonly offset: number; readonly older: boolean }> {
  const bytes = Buffer.alloc(LOOK);
  for (let end = size; end > 0; end -= STRIDE) {
    const begin = Math.max(0, end - STRIDE);
    const { bytesRead } = await file.read(bytes, 0, LOOK, begin);
    const head = begin === 0 ? AT_BEGINNING : BEHIND_LINE_END;
    const found = head.exec(bytes.toString('latin1', 0, bytesRead));
    if (found?.[1] !== undefined && found[1] < since) {
      return { offset: begin + found.index, older: true };
    }
  }
  return { offset: 0, older: false };
}
