import { statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../config.ts';
import type { CountryData } from '../country/index.ts';
import type { Database } from '../database/index.ts';
import { pruneJournal } from '../journal/index.ts';
import type { Log } from '../log.ts';
import { deleteExpired } from '../policy/index.ts';

/** Milliseconds between two looks at our files: another program may have replaced them. */
const LOOK = 1_000;

/** Milliseconds between two rounds of tidying. */
const TIDY = 600_000;

/** An expired rule stays in the lists for a day, so that its owner sees why it no longer matches. */
const EXPIRED_SHOWN = 86_400_000;

export interface HousekeepingOptions {
  readonly database: Database;
  readonly country: CountryData;
  readonly config: Config;
  readonly log: Log;
}

/** Keeps the country database fresh, journal and rules small, and an eye on the database's file. */
export function startHousekeeping(options: HousekeepingOptions): { stop(): Promise<void> } {
  const { database, country, config, log } = options;
  const abort = new AbortController();
  const { signal } = abort;

  async function repeat(every: number, what: string, work: () => Promise<void>): Promise<void> {
    while (!signal.aborted) {
      await work().catch((cause) => log.error({ err: cause }, `housekeeping: ${what} failed`));
      await delay(every, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  async function tidy(): Promise<void> {
    const now = Date.now();
    const rules = deleteExpired(database, now - EXPIRED_SHOWN);
    const calls = await pruneJournal(database, { ...config.journal, now, signal });
    if (rules > 0 || calls > 0) log.info({ rules, calls }, 'housekeeping: old rows deleted');
  }

  // SQLite goes on with the file that it has open, whatever stands under its name by now: rules
  // made by the command line would not count, and calls be journalled where nobody finds them.
  const opened = fileAt(config.databasePath);
  let missed = false;
  async function lookForDatabase(): Promise<void> {
    const before = missed;
    missed = fileAt(config.databasePath) !== opened;
    if (!missed || before) return;
    log.error(
      { path: config.databasePath },
      'database: its file was moved, replaced or deleted; put it back, or restart with what is there',
    );
  }

  const running = [
    repeat(LOOK, 'country database', () => country.refresh()),
    repeat(LOOK, 'database', lookForDatabase),
    repeat(TIDY, 'tidying', tidy),
  ];
  return {
    async stop() {
      abort.abort();
      await Promise.all(running);
    },
  };
}

/** Tells one file from another that bears the same name; undefined where there is none. */
function fileAt(path: string): string | undefined {
  const facts = statSync(path, { bigint: true, throwIfNoEntry: false });
  return facts && `${facts.dev} ${facts.ino}`;
}
