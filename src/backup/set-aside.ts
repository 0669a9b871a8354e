import { renameSync } from 'node:fs';
import { fault } from '../errors.ts';

/**
 * Moves a damaged database out of the way, the files beside it first: a write-ahead log that came to
 * stand beside another database would damage that one, too.
 * @param stamp to be part of the new names
 * @returns the database's new name
 */
export function setAside(path: string, stamp: string): string {
  const aside = (end: string) => `${path}.damaged-${stamp}${end}`;
  for (const end of ['-wal', '-shm', '']) {
    try {
      renameSync(path + end, aside(end));
    } catch (cause) {
      const { code = 'error' } = cause as NodeJS.ErrnoException;
      if (code !== 'ENOENT' || end === '') throw fault('file-write', path + end, code);
    }
  }
  return aside('');
}
