import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../config.ts';
import type { CountryData } from '../country/index.ts';
import type { Database } from '../database/index.ts';
import { pruneJournal } from '../journal/index.ts';
import type { Log } from '../log.ts';
import { deleteExpired } from '../policy/index.ts';

/** Milliseconds between two looks at the country file: another program may have replaced it. */
const COUNTRY_LOOK = 2_000;

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

/** Keeps the country database fresh, and journal and rules small. */
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

  const running = [
    repeat(COUNTRY_LOOK, 'country database', () => country.refresh()),
    repeat(TIDY, 'tidying', tidy),
  ];
  return {
    async stop() {
      abort.abort();
      await Promise.all(running);
    },
  };
}
