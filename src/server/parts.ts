import { createAlerts } from '../alerts/index.ts';
import type { Config } from '../config.ts';
import { countryPaths, openCountryData } from '../country/index.ts';
import { openDatabase } from '../database/index.ts';
import { createJournal } from '../journal/index.ts';
import type { Log } from '../log.ts';
import { openPolicy, startNames } from '../policy/index.ts';
import { createCallRate } from '../screening/index.ts';
import { startHousekeeping } from './housekeeping.ts';
import { createScreen, type Screen, type ScreenParts } from './screen.ts';
import { scheduleUpdates } from './updates.ts';

/** Milliseconds that work in the background waits for another writer: calls would wait as long. */
const PATIENCE = 50;

/** All that stands behind the FastAGI port, made from one configuration. */
export interface Parts {
  readonly config: Config;
  readonly screen: Screen;
  readonly screenParts: ScreenParts;
  stop(): Promise<void>;
}

/**
 * Starts the parts in order.
 * @throws Fault where one can't start; those before it are stopped again
 */
export function startParts(config: Config, log: Log): Parts {
  const stops: (() => unknown)[] = [];
  const stop = async () => {
    for (const end of stops.splice(0).reverse()) await end();
  };
  try {
    // Two connections: the calls' one must see what the background's one writes (data_version
    // tells only of others' changes), and must not wait for it.
    const database = openDatabase(config.databasePath);
    stops.push(() => database.close());
    const background = openDatabase(config.databasePath, { busyTimeout: PATIENCE });
    stops.push(() => background.close());

    const policy = openPolicy(database, log);
    const country = openCountryData(countryPaths(config), log);
    const rate = createCallRate({
      calls: config.screening.rate_calls,
      milliseconds: config.screening.rate_seconds * 1_000,
    });
    const journal = createJournal(database, { log, alerts: config.mail.to.length > 0 });
    stops.push(() => journal.close());

    const { servers, interval } = config.names;
    const names = startNames({ database: background, log, servers, interval });
    stops.push(() => names.stop());
    void names.refresh();
    const alerts = createAlerts({ database: background, mail: config.mail, log });
    alerts.start();
    stops.push(() => alerts.stop());
    const updates = scheduleUpdates(config, country, log);
    stops.push(() => updates.stop());
    const housekeeping = startHousekeeping({ database: background, country, config, log });
    stops.push(() => housekeeping.stop());
    const screenParts = { policy, country, rate, journal, log };
    return { config, screen: createScreen(screenParts), screenParts, stop };
  } catch (cause) {
    void stop();
    throw cause;
  }
}
