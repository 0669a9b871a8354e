import { accessSync, constants, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { fault } from '../errors.ts';
import type { Answers } from './answers.ts';
import type { Facts } from './facts.ts';

/**
 * Before anything is asked: whoever may not write the files would answer for nothing.
 * @throws Fault setup-not-for-you
 */
export function refuseUnwritable(
  { configFile, asterisk, config }: Facts,
  given: Partial<Answers>,
): void {
  const touchesAsterisk = asterisk && (given.ami !== false || given.dialplan !== false);
  const places = [dirname(configFile), dirname(config.databasePath)];
  for (const place of touchesAsterisk ? [...places, asterisk.folder] : places) {
    const there = nearest(place);
    try {
      accessSync(there, constants.W_OK);
    } catch {
      throw fault('setup-not-for-you', there);
    }
  }
}

/** The folder, or the one that it would be made in. */
function nearest(folder: string): string {
  return existsSync(folder) ? folder : nearest(dirname(folder));
}
