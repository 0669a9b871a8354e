import { type AddressRange, parseRange } from '../address/index.ts';
import { type Listener, listen } from '../agi/index.ts';
import { type Config, loadConfig } from '../config.ts';
import { Fault } from '../errors.ts';
import { createLog, type Log } from '../log.ts';
import { type Parts, startParts } from './parts.ts';

/** The long-running program. */
export interface Server {
  /** Reads the configuration anew; one that is wrong leaves all as it was, and is logged. */
  reload(): Promise<void>;
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
  let parts: Parts | undefined = startParts(config, log);
  let listener: Listener;
  try {
    listener = await open(() => parts!, log);
  } catch (cause) {
    await parts.stop();
    throw cause;
  }
  announce(listener, parts, log);

  async function reload(): Promise<void> {
    const old = parts;
    if (!old) return;
    try {
      const next = loadConfig(file);
      const { host, port } = old.config.agi;
      const moved = next.agi.host !== host || next.agi.port !== port;
      const fresh = startParts(next, log);
      log.level = next.log.level;
      parts = fresh;
      if (moved) {
        const before = listener;
        try {
          listener = await open(() => parts!, log);
        } catch (cause) {
          parts = old;
          await fresh.stop();
          throw cause;
        }
        await before.close();
      }
      await old.stop();
      log.info({ config: next.file }, 'configuration reloaded');
    } catch (cause) {
      const why = cause instanceof Fault ? { fault: cause.message } : { err: cause };
      log.error(why, 'reload failed: the configuration in use stays');
    }
  }

  return {
    reload,
    async stop() {
      log.info('stopping: calls in progress are answered');
      await listener.close();
      await parts?.stop();
      parts = undefined;
      log.info('stopped');
    },
  };
}

function open(parts: () => Parts, log: Log): Promise<Listener> {
  let known: Parts | undefined;
  let allowed: AddressRange[] = [];
  // Read per connection: a reload takes effect without closing the port.
  const allow = () => {
    if (known !== parts()) {
      known = parts();
      allowed = readAllow(known.config);
    }
    return allowed;
  };
  const { host, port } = parts().config.agi;
  return listen({
    host,
    port,
    log,
    get allow() {
      return allow();
    },
    get connections() {
      return parts().config.agi.connections;
    },
    get deadline() {
      return parts().config.agi.deadline;
    },
    answer: (call, started) => parts().screen(call, started),
    retract: ({ row }) => {
      if (row !== undefined) parts().screenParts.journal.retract(row);
    },
  });
}

/** The configuration has checked them already. */
function readAllow(config: Config): AddressRange[] {
  return config.agi.allow.flatMap((text) => parseRange(text) ?? []);
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
