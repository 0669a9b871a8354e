import { closeSync, constants, fstatSync, openSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Edit } from '../edits.ts';
import { fault } from '../errors.ts';
import { replaceFile } from '../replace-file.ts';
import type { Part } from './plan.ts';
import type { RowChange } from './rows.ts';

/** What the last setup was to write, kept before it began: with it all can be taken back. */
export interface SetupRecord {
  readonly version: 1;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Whether it came to its end; else it was cut short. */
  readonly finished: boolean;
  /** How Asterisk's console was called. */
  readonly console: string | undefined;
  /** Folders that were made. */
  readonly folders: readonly string[];
  readonly files: readonly (Edit & { readonly part: Part })[];
  readonly rows: readonly RowChange[];
  /** Units that were enabled and started. */
  readonly enabled: readonly string[];
  /** The setup before it, which can be taken back when this one is. */
  readonly previous: SetupRecord | null;
}

/** Puts the record of the setup before in its place, where there was one. */
export function forgetRecord(path: string, { previous }: SetupRecord): void {
  if (previous) writeRecord(path, previous);
  else rmSync(path, { force: true });
}

/** In the data folder, beside the database. */
export function recordPath(databasePath: string): string {
  return join(dirname(databasePath), 'setup-record.json');
}

/** It has the old text of manager.conf in it, other accounts' secrets included. */
const OURS_ALONE = 0o600;
/** Others may not have written what root is going to act on. */
const WRITABLE_BY_OTHERS = 0o022;

/** @throws Fault where it can't be written */
export function writeRecord(path: string, record: SetupRecord): void {
  // The folder is the services' own: whatever they may have put here is not written through.
  rmSync(path, { force: true });
  const owner = { uid: process.getuid!(), gid: process.getgid!(), mode: OURS_ALONE };
  replaceFile(path, `${JSON.stringify(record)}\n`, owner);
}

/**
 * @returns undefined where there is none
 * @throws Fault where it can't be read, or somebody else wrote it
 */
export function readRecord(path: string): SetupRecord | undefined {
  const text = readOurs(path);
  if (text === undefined) return undefined;
  try {
    const record = JSON.parse(text) as SetupRecord;
    if (record.version === 1) return record;
  } catch {}
  throw fault('setup-record', path, 'damaged, or of another version');
}

function readOurs(path: string): string | undefined {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (cause) {
    const { code = 'error' } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw fault('setup-record', path, code === 'ELOOP' ? 'it is a link' : code);
  }
  try {
    const { uid, mode } = fstatSync(file);
    if (uid !== process.getuid!() || (mode & WRITABLE_BY_OTHERS) !== 0) {
      throw fault('setup-record', path, 'it is not yours alone');
    }
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}
