import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../config.ts';
import { countryPaths, openCountryData } from '../country/index.ts';
import { fileId } from '../database/file-id.ts';
import { type Database, openDatabase } from '../database/index.ts';
import { createJournal, type Journal } from '../journal/index.ts';
import type { Log } from '../log.ts';
import type { Counts } from '../metrics/index.ts';
import { openPolicy, startNames } from '../policy/index.ts';
import { createCallRate } from '../screening/index.ts';
import { startHousekeeping } from './housekeeping.ts';
import { createScreen, type Screen, type ScreenParts } from './screen.ts';
import { scheduleUpdates } from './updates.ts';

/** Milliseconds that work in the background waits for another writer: calls would wait as long. */
const PATIENCE = 50;

/** Milliseconds that the end of a journal waits for another writer, without holding up calls. */
const DRAIN = 3_000;

/** All that stands behind the FastAGI port, made from one configuration. */
export interface Parts {
  readonly config: Config;
  readonly screen: Screen;
  readonly screenParts: ScreenParts;
  /** A connection that calls do not wait for. */
  readonly background: Database;
  /** fileId() of the database that is open. */
  readonly databaseFile: string;
  /** Starts the work in the background: names, mail, country updates, tidying. */
  start(): void;
  /** Ends all of it, the calls of this turn answered. */
  stop(): Promise<void>;
}

/**
 * Opens the parts in order, so that calls can be screened. What is only read comes first: where it
 * can't be used, no database has been made or brought up to date.
 * @throws Fault where one can't be opened; those before it are closed again
 */
export async function openParts(config: Config, log: Log, counts: Counts): Promise<Parts> {
  const stops: (() => unknown)[] = [];
  const stop = async () => {
    for (const end of stops.splice(0).reverse()) await end();
  };
  try {
    const country = openCountryData(countryPaths(config), log);
    const updates = scheduleUpdates(config, country, log);
    stops.push(() => updates.stop());

    // Two connections: the calls' one must see what the background's one writes (data_version
    // tells only of others' changes), and must not wait for it.
    const database = openDatabase(config.databasePath);
    stops.push(() => database.close());
    const databaseFile = fileId(config.databasePath) ?? '';
    const background = openDatabase(config.databasePath, { busyTimeout: PATIENCE });
    stops.push(() => background.close());

    const policy = openPolicy(database, log);
    const rate = createCallRate({
      calls: config.screening.rate_calls,
      milliseconds: config.screening.rate_seconds * 1_000,
    });
    const journal = createJournal(database, { log, alerts: config.mail.to.length > 0 });
    const screenParts = { policy, country, rate, journal, counts, log };
    const screen = createScreen(screenParts);
    stops.push(async () => {
      screen.flush();
      await drained(journal);
      journal.close();
    });

    const alerts = await openAlerts();

    return { config, screen, screenParts, background, databaseFile, start, stop };

    function start(): void {
      const { servers, interval } = config.names;
      const names = startNames({ database: background, log, servers, interval });
      stops.push(() => names.stop());
      void names.refresh();
      alerts?.start();
      updates.start();
      const housekeeping = startHousekeeping({
        ...{ database: background, databaseFile, country, config, log },
      });
      stops.push(() => housekeeping.stop());
    }

    async function openAlerts() {
      if (config.mail.to.length === 0) return undefined;
      // Loaded here alone: a box without mail needs no mailer in its memory.
      const { createAlerts } = await import('../alerts/index.ts');
      const opened = createAlerts({
        ...{ database: background, mail: config.mail, log },
        counts: counts.mails,
      });
      stops.push(() => opened.stop());
      return opened;
    }
  } catch (cause) {
    await stop();
    throw cause;
  }
}

/** After a reload others answer the calls, while those that wait for the database are written. */
async function drained(journal: Journal): Promise<void> {
  const end = performance.now() + DRAIN;
  while (journal.status().waiting > 0 && performance.now() < end) await delay(PATIENCE);
}
