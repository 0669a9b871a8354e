import { pruneBlockEvents } from '../blocks/index.ts';
import type { Config } from '../config.ts';
import type { CountryData } from '../country/index.ts';
import { fileId } from '../database/file-id.ts';
import type { Database } from '../database/index.ts';
import { pruneJournal } from '../journal/index.ts';
import type { Log } from '../log.ts';
import { deleteExpired } from '../policy/index.ts';
import { repeat } from '../repeat.ts';

/** Milliseconds between two looks at our files: another program may have replaced them. */
const LOOK = 1_000;

/** Milliseconds between two rounds of tidying. */
const TIDY = 600_000;

const DAY = 86_400_000;

/** An expired rule stays in the lists for a day, so that its owner sees why it no longer matches. */
const EXPIRED_SHOWN = DAY;

export interface HousekeepingOptions {
  readonly database: Database;
  /** fileId() of what is open. */
  readonly databaseFile: string;
  readonly country: CountryData;
  readonly config: Config;
  readonly log: Log;
}

/** Keeps the country database fresh, journal and rules small, and an eye on the database's file. */
export function startHousekeeping(options: HousekeepingOptions): { stop(): Promise<void> } {
  const { database, databaseFile, country, config, log } = options;
  const abort = new AbortController();
  const { signal } = abort;

  const regularly = (every: number, what: string, work: () => Promise<void>) =>
    repeat({ every, what: `housekeeping: ${what}`, signal, log }, work);

  async function tidy(): Promise<void> {
    const now = Date.now();
    const rules = deleteExpired(database, now - EXPIRED_SHOWN);
    const calls = await pruneJournal(database, { ...config.journal, now, signal });
    const { days } = config.journal;
    if (days > 0) pruneBlockEvents(database, now - days * DAY);
    if (rules > 0 || calls > 0) log.info({ rules, calls }, 'housekeeping: old rows deleted');
  }

  // SQLite goes on with the file that it has open, whatever stands under its name by now: rules
  // made by the command line would not count, and calls be journalled where nobody finds them.
  let missed = false;
  async function lookForDatabase(): Promise<void> {
    const before = missed;
    missed = fileId(config.databasePath) !== databaseFile;
    if (!missed || before) return;
    log.error(
      { path: config.databasePath },
      'database: its file was moved, replaced or deleted; put it back, or restart with what is there',
    );
  }

  const running = [
    regularly(LOOK, 'country database', () => country.refresh()),
    regularly(LOOK, 'database', lookForDatabase),
    regularly(TIDY, 'tidying', tidy),
  ];
  return {
    async stop() {
      abort.abort();
      await Promise.all(running);
    },
  };
}
