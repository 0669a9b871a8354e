import { setTimeout as pause } from 'node:timers/promises';
import { Fault } from '../errors.ts';
import type { Log } from '../log.ts';
import { type AmiAccount, connectAmi } from './connect.ts';
import type { AmiConnection } from './connection.ts';

/** Milliseconds. */
export interface KeeperTimes {
  /** From one try to the next: the first wait, and the longest. */
  readonly first: number;
  readonly longest: number;
  /** From one ping to the next. */
  readonly ping: number;
  /** A connection that lasted so long was a good one: the next wait is the first again. */
  readonly good: number;
}

export const TIMES: KeeperTimes = { first: 500, longest: 30_000, ping: 15_000, good: 10_000 };

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
export function keepAmi(
  account: AmiAccount,
  log: Log,
  callbacks: AmiCallbacks,
  times: KeeperTimes = TIMES,
): AmiKeeper {
  const stopped = new AbortController();
  const { signal } = stopped;
  const { host, port, user } = account;
  let wait = times.first;
  let complaint = '';

  async function run(): Promise<void> {
    while (!signal.aborted) {
      try {
        const connection = await connectAmi(account, signal);
        log.info({ host, port, user }, 'ami: connected');
        complaint = '';
        const since = performance.now();
        const why = await hold(connection);
        if (performance.now() - since >= times.good) wait = times.first;
        if (!signal.aborted) log.warn({ why }, 'ami: connection gone, trying again');
      } catch (cause) {
        if (!signal.aborted) complain(cause);
      }
      await pause(wait * (0.75 + Math.random() / 2), undefined, { signal }).catch(() => {});
      wait = Math.min(wait * 2, times.longest);
    }
  }

  /** Until the connection is gone. @returns why it went */
  async function hold(connection: AmiConnection): Promise<string> {
    const stop = () => connection.close();
    signal.addEventListener('abort', stop);
    const dead = () => connection.close('no answer to a ping');
    const ping = setInterval(() => connection.send('Ping').catch(dead), times.ping);
    callbacks.up(connection).catch((cause: unknown) => {
      if (!signal.aborted) log.error({ err: cause }, 'ami: connection given up');
      connection.close('given up');
    });
    const why = await connection.closed;
    clearInterval(ping);
    signal.removeEventListener('abort', stop);
    callbacks.down(why);
    return why;
  }

  /** Once for each trouble, not at each try. */
  function complain(cause: unknown): void {
    if (!(cause instanceof Fault)) {
      log.error({ err: cause }, 'ami: no connection, trying again');
      return;
    }
    const refused = cause.code === 'ami-refused';
    if (refused) wait = times.longest;
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
