import { setTimeout as delay } from 'node:timers/promises';
import { Cron } from 'croner';
import type { Config } from '../config.ts';
import type { CountryData } from '../country/index.ts';
import { type UpdateSettings, updateSettings } from '../country/update/settings.ts';
import { Fault, fault } from '../errors.ts';
import type { Log } from '../log.ts';

/** Milliseconds at most by which an update comes later than scheduled: the sources ask for it. */
const SPREAD = 30 * 60_000;

export interface Updates {
  start(): void;
  stop(): Promise<void>;
}

/**
 * Looks for new country data as `country.schedule` says, where a source is configured.
 * @throws Fault where the schedule can't be read, or the source lacks its account
 */
export function scheduleUpdates(config: Config, country: CountryData, log: Log): Updates {
  if (config.country.source === 'none') return { start() {}, stop: async () => {} };
  const settings = updateSettings(config);
  const abort = new AbortController();
  const { signal } = abort;
  let running = Promise.resolve();

  const job = cron(config, () => {
    // Never two at a time; a failure is logged, and the next time is tried again.
    running = running.then(update).catch((cause) => {
      if (!signal.aborted) log.error(why(cause), 'country update failed, the data in use is kept');
    });
  });

  async function update(): Promise<void> {
    await delay(Math.random() * SPREAD, undefined, { signal, ref: false });
    await updateNow(settings, country, log, signal);
  }

  return {
    start() {
      job.resume();
      log.info({ next: job.nextRun() }, 'country updates scheduled');
    },
    async stop() {
      job.stop();
      abort.abort();
      await running;
    },
  };
}

async function updateNow(
  settings: UpdateSettings,
  country: CountryData,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  // Loaded when it is time: the HTTP client is large, and needed once a month.
  const { updateFiles } = await import('../country/update/update.ts');
  const results = await updateFiles(settings, { log, signal });
  for (const { path, outcome } of results) log.info({ path, outcome }, 'country update');
  if (results.some((result) => result.outcome === 'updated')) await country.reload();
}

function cron(config: Config, run: () => void): Cron {
  const { schedule } = config.country;
  try {
    return new Cron(schedule, { paused: true, unref: true }, run);
  } catch {
    const what = `'${schedule}' is no cron line (minute hour day month weekday)`;
    throw fault('config-value', config.file ?? 'configuration', 'country.schedule', what);
  }
}

function why(cause: unknown): object {
  return cause instanceof Fault ? { fault: cause.message } : { err: cause };
}
