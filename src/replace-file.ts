import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fault } from './errors.ts';

/** For a file that is not there yet. */
const NEW_FILE_MODE = 0o644;

/** As fs.Stats has them. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

/**
 * Writes a file all at once: whoever reads it, even after a power cut, finds the old text or the
 * new one, never a part. Owner and mode stay; behind a symbolic link it is the file it leads to.
 * @param like for a new one: a file whose owner and mode it takes, or these themselves
 * @throws Fault where it can't be written; the old text then stands
 */
export function replaceFile(path: string, content: string | Buffer, like?: string | Owner): void {
  let unfinished: string | undefined;
  try {
    const real = realPath(path);
    const there = statOf(real);
    if (there && !there.isFile()) {
      writeFileSync(real, content); // a device or pipe (/dev/stdout): nothing to put in its place
      return;
    }
    const folder = dirname(real);
    unfinished = join(folder, `.${basename(real)}.${process.pid}`);
    const model = there ?? (typeof like === 'string' ? statOf(like) : like);
    const file = openSync(unfinished, 'wx', NEW_FILE_MODE);
    try {
      if (model) {
        fchownSync(file, model.uid, model.gid);
        fchmodSync(file, model.mode & 0o7777);
      }
      writeFileSync(file, content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(unfinished, real);
    syncFolder(folder);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === undefined) throw cause;
    if (unfinished && code !== 'EEXIST') rmSync(unfinished, { force: true });
    throw fault('file-write', path, code);
  }
}

function realPath(path: string): string {
  return statOf(path) ? realpathSync(path) : path;
}

function statOf(path: string) {
  return statSync(path, { throwIfNoEntry: false });
}

/** The rename itself must be on the disk. */
function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
