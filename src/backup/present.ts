import { existsSync } from 'node:fs';
import { isSound, openDatabase } from '../database/index.ts';
import { Fault } from '../errors.ts';
import { type Contents, contentsOf } from './contents.ts';

/** The database that a backup is to be restored into; without contents where there is none. */
export type Present =
  | { readonly state: 'absent' | 'damaged' }
  | { readonly state: 'sound'; readonly contents: Contents };

/** @throws Fault where it is there and can't be used for another reason than damage */
export function presentDatabase(path: string): Present {
  if (!existsSync(path)) return { state: 'absent' };
  try {
    const database = openDatabase(path);
    try {
      if (!isSound(database)) return { state: 'damaged' };
      return { state: 'sound', contents: contentsOf(database) };
    } finally {
      database.close();
    }
  } catch (cause) {
    if (cause instanceof Fault && /^database-(not|damaged)$/.test(cause.code)) {
      return { state: 'damaged' };
    }
    throw cause;
  }
}
