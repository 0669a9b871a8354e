import type { Listener } from '../agi/index.ts';
import { type Config, loadConfig } from '../config.ts';
import { Fault } from '../errors.ts';
import { createLog, type Log } from '../log.ts';
import { createCounts } from '../metrics/index.ts';
import { openAgiPort, tryAgiPort } from './agi-port.ts';
import { metricsOpener, tryMetricsPort } from './metrics.ts';
import { openParts, type Parts } from './parts.ts';

/** The long-running program. */
export interface Server {
  /** Reads the configuration anew; one that is wrong leaves all as it was, and is logged. */
  reload(): Promise<void>;
  /** Whether a connection to the FastAGI port is taken, as Asterisk's would be. */
  answers(): Promise<boolean>;
  /** Answers the calls in progress, then stops all parts. */
  stop(): Promise<void>;
}

/**
 * Starts the program: parts first, the FastAGI port last, so that no call meets a half-made server.
 * @param file the configuration file named on the command line, if any
 * @throws Fault where it can't start
 */
export async function startServer(file?: string): Promise<Server> {
  const config = loadConfig(file);
  const log = createLog(config.log.level);
  await tryAgiPort(config, log);
  await tryMetricsPort(config, log);
  const counts = createCounts();
  const started = Date.now();
  let parts = await openParts(config, log, counts);
  const agi = { parts: () => parts, counts, started, log };
  const openMetrics = metricsOpener({ ...agi, listener: () => listener });
  const undo = async (cause: unknown): Promise<never> => {
    await parts.stop();
    throw cause;
  };
  let listener = await openAgiPort(agi).catch(undo);
  let metrics = await openMetrics().catch(async (cause) => {
    await listener.close();
    return undo(cause);
  });
  parts.start();
  announce(listener, parts, log);

  async function reload(): Promise<void> {
    const old = parts;
    const fresh = await openParts(loadConfig(file), log, counts);
    try {
      parts = fresh;
      await move(old.config, fresh.config);
    } catch (cause) {
      parts = old;
      await fresh.stop();
      throw cause;
    }
    await old.stop(); // before the new one starts: never two that send the same mail
    fresh.start();
    log.level = fresh.config.log.level;
    log.info({ config: fresh.config.file }, 'configuration reloaded');
  }

  /** Opens what is to be elsewhere, then closes what it replaces: on a failure all stays. */
  async function move(from: Config, to: Config): Promise<void> {
    const moved = (a: { host: string; port: number }, b: typeof a) =>
      a.host !== b.host || a.port !== b.port;
    const movedMetrics = moved(from.metrics, to.metrics);
    const endpoint = movedMetrics ? await openMetrics() : undefined;
    if (moved(from.agi, to.agi)) {
      const before = listener;
      listener = await openAgiPort(agi).catch(async (cause) => {
        await endpoint?.close();
        throw cause;
      });
      await before.close();
    }
    if (!movedMetrics) return;
    await metrics?.close();
    metrics = endpoint;
  }

  async function stop(): Promise<void> {
    log.info('stopping: calls in progress are answered');
    await metrics?.close();
    await listener.close();
    await parts.stop();
    log.info('stopped');
  }

  // One after the other: a stop in the middle of a reload would leave half of it running.
  let queue = Promise.resolve();
  let stopping = false;
  return {
    reload() {
      if (stopping) return queue;
      queue = queue.then(reload).catch((cause) => {
        const why = cause instanceof Fault ? { fault: cause.message } : { err: cause };
        log.error(why, 'reload failed: the configuration in use stays');
      });
      return queue;
    },
    answers: () => listener.answers(),
    stop() {
      stopping = true;
      return queue.then(stop);
    },
  };
}

function announce(listener: Listener, { screenParts, config }: Parts, log: Log): void {
  const { size, mode, revision } = screenParts.policy.current();
  const { type } = screenParts.country.countries().facts;
  const { address, port } = listener.address;
  log.info(
    { host: address, port, mode, revision, ...size, country: type, database: config.databasePath },
    'ready',
  );
  if (mode === 'monitor') log.warn('monitor mode: no call is refused');
}
