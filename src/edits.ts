import { readFileSync, rmSync } from 'node:fs';
import { fault } from './errors.ts';
import { type Owner, replaceFile } from './replace-file.ts';

/**
 * One file to be written, or deleted. Texts hold one byte in each character, so that what an
 * administrator wrote, in whatever encoding, comes back as it was.
 */
export interface Edit {
  readonly file: string;
  /** Undefined where there is no file yet. */
  readonly before: string | undefined;
  /** Undefined where the file goes away. */
  readonly after: string | undefined;
}

/** A file's text for an edit. @returns undefined where there is none @throws Fault file-read */
export function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw fault('file-read', file, code ?? 'error');
  }
}

/** Text of our own for an edit. */
export function toBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** The text of an edit for people, or for a parser that takes UTF-8. */
export function fromBytes(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8');
}

/**
 * Carries an edit out, the file whole or not at all.
 * @param like for a new file: another one whose owner and mode it takes, or these
 * @throws Fault file-write
 */
export function applyEdit({ file, after }: Edit, like?: string | Owner): void {
  if (after === undefined) rmSync(file, { force: true });
  else replaceFile(file, Buffer.from(after, 'latin1'), like);
}
