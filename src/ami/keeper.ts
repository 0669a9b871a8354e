import { setTimeout as pause } from 'node:timers/promises';
import { Fault } from '../errors.ts';
import type { Log } from '../log.ts';
import { type AmiAccount, connectAmi } from './connect.ts';
import type { AmiConnection } from './connection.ts';

/** Milliseconds. */
const FIRST_WAIT = 500;
const LONGEST_WAIT = 30_000;
const PING = 15_000;
/** A connection that lasted so long was a good one. */
const GOOD = 10_000;

export interface AmiKeeper {
  /** Closes the connection; resolves when nothing is under way any more. */
  stop(): Promise<void>;
}

export interface AmiCallbacks {
  /** A new connection. Where it rejects, the connection is closed and tried again. */
  up(connection: AmiConnection): Promise<void>;
  /** The connection that `up` was told of is gone. */
  down(why: string): void;
}

/**
 * Keeps a connection: tries again after 0.5 s, twice as long each time up to 30 s, and every 30 s
 * where the account is refused. An Asterisk that does not answer a ping within 10 s is gone.
 */
export function keepAmi(account: AmiAccount, log: Log, callbacks: AmiCallbacks): AmiKeeper {
  const stopped = new AbortController();
  const { signal } = stopped;
  const { host, port, user } = account;
  let wait = FIRST_WAIT;
  let complaint = '';

  async function run(): Promise<void> {
    while (!signal.aborted) {
      try {
        const connection = await connectAmi(account, signal);
        log.info({ host, port, user }, 'ami: connected');
        complaint = '';
        const since = performance.now();
        const why = await hold(connection, callbacks, log, signal);
        if (performance.now() - since >= GOOD) wait = FIRST_WAIT;
        if (!signal.aborted) log.warn({ why }, 'ami: connection gone, trying again');
      } catch (cause) {
        if (!signal.aborted) complain(cause);
      }
      await pause(wait * (0.75 + Math.random() / 2), undefined, { signal }).catch(() => {});
      wait = Math.min(wait * 2, LONGEST_WAIT);
    }
  }

  /** Once for each trouble, not at each try. */
  function complain(cause: unknown): void {
    if (!(cause instanceof Fault)) {
      log.error({ err: cause }, 'ami: no connection, trying again');
      return;
    }
    const refused = cause.code === 'ami-refused';
    if (refused) wait = LONGEST_WAIT;
    if (complaint === cause.message) return;
    complaint = cause.message;
    const fields = { why: cause.message };
    if (refused) log.error(fields, 'ami: account refused, trying again every 30 s');
    else log.warn(fields, 'ami: no connection, trying again');
  }

  const running = run();
  return {
    async stop() {
      stopped.abort();
      await running;
    },
  };
}

/** Until it is gone. @returns why it went */
async function hold(
  connection: AmiConnection,
  callbacks: AmiCallbacks,
  log: Log,
  signal: AbortSignal,
): Promise<string> {
  const stop = () => connection.close();
  signal.addEventListener('abort', stop, { once: true });
  const ping = setInterval(
    () => connection.send('Ping').catch(() => connection.close('no answer to a ping')),
    PING,
  );
  try {
    if (signal.aborted) stop();
    callbacks.up(connection).catch((cause: unknown) => {
      if (signal.aborted) return;
      log.error({ err: cause }, 'ami: connection given up');
      connection.close('given up');
    });
    return await connection.closed;
  } finally {
    clearInterval(ping);
    signal.removeEventListener('abort', stop);
    callbacks.down(await connection.closed);
  }
}
