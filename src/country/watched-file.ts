import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fault } from '../errors.ts';
import type { Log } from '../log.ts';
import type { AddressFile } from './database.ts';
import { countNetworks } from './networks.ts';

/**
 * A file in use that may be replaced under us. A new one is read, opened and walked through beside
 * the old one, which answers until then, and for good where the new one is unusable.
 */
export interface WatchedFile<Answer> {
  current(): AddressFile<Answer> | undefined;
  /**
   * Takes what is on the disk now, if it can be used.
   * @returns whether it is in use
   */
  reload(): Promise<boolean>;
  /**
   * Reloads where the file was replaced since it was last looked at. Meant to be called every few
   * seconds: a file that differs from one call to the next is still being written, and waits.
   */
  refresh(): Promise<void>;
}

/**
 * @param database what was read from `path`, or undefined where there was nothing yet
 * @param seen the file's signature when it was read
 */
export function watchedFile<Answer>(
  path: string,
  open: (bytes: Buffer, path: string) => AddressFile<Answer>,
  log: Log,
  database: AddressFile<Answer> | undefined,
  seen: string | undefined,
): WatchedFile<Answer> {
  let current = database;
  let tried = seen; // the file that was last read, whatever came of it
  let last = seen; // the file as it was at the last look

  let reading: Promise<boolean> | undefined;

  async function read(): Promise<boolean> {
    last = tried = signature(path);
    if (tried === undefined && !current) return false; // still nothing there
    try {
      const next = open(await readCountryFile(path), path);
      const { networks } = await countNetworks(next);
      current = next;
      const { type, builtAt } = next.facts;
      log.info({ path, type, builtAt, networks }, 'country database loaded');
      return true;
    } catch (error) {
      const kept = current ? 'the one in use is kept' : 'none is in use';
      log.error({ path, fault: (error as Error).message }, `country database not loaded: ${kept}`);
      return false;
    }
  }

  /** One at a time: of two, the one that read first might end last. */
  function reload(): Promise<boolean> {
    reading ??= read().finally(() => {
      reading = undefined;
    });
    return reading;
  }

  async function refresh(): Promise<void> {
    const now = signature(path);
    const settled = now === last;
    last = now;
    if (!settled || now === tried) return;
    if (now === undefined && current) {
      tried = now;
      log.warn({ path }, 'country database is gone: the one in use is kept until a new one comes');
      return;
    }
    await reload();
  }

  return { current: () => current, reload, refresh };
}

/** @throws Fault */
export async function readCountryFile(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw fault('country-file-unreadable', path, (cause as NodeJS.ErrnoException).code ?? 'error');
  }
}

/** Differs whenever the file was replaced or written to; undefined where there is none. */
export function signature(path: string): string | undefined {
  try {
    const { ino, size, mtimeNs } = statSync(path, { bigint: true });
    return `${ino} ${size} ${mtimeNs}`;
  } catch {
    return undefined;
  }
}
