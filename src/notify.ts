import { setTimeout as delay } from 'node:timers/promises';
import { createLog } from './log.ts';

/** What systemd may be told (sd_notify(3)). Fixed words only: never anything that a caller wrote. */
type State = 'READY=1' | 'RELOADING=1' | 'STOPPING=1' | 'WATCHDOG=1';

/** The service manager that started us. Does nothing, at no cost, where there is none. */
export interface ServiceManager {
  /**
   * We are up: calls may come.
   * @param works asked before each sign of life; while it is not true, none is given, and systemd
   *   starts us anew in the end
   */
  ready(works: () => boolean | Promise<boolean>): void;
  /** Does the work between the words that a reload has begun and that it is over. Rethrows. */
  reloading(work: () => Promise<void>): Promise<void>;
  stopping(): void;
}

/** Milliseconds for systemd-notify, which waits until systemd has read the message. */
const PATIENCE = 10_000;
/** Milliseconds between two looks where the last sign of life could not be given. */
const LOOK_AGAIN = 1_000;

/** @param env NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID are taken out: no child is to speak for us */
export function serviceManager(env: NodeJS.ProcessEnv = process.env): ServiceManager {
  const socket = take('NOTIFY_SOCKET');
  const interval = watchdogInterval(take('WATCHDOG_USEC'), take('WATCHDOG_PID'));
  const watching = new AbortController();
  let told = Promise.resolve();
  if (!socket) return { ready() {}, reloading: (work) => work(), stopping() {} };

  function take(name: string): string | undefined {
    const value = env[name];
    delete env[name];
    return value;
  }

  /** One after the other: READY must not overtake the RELOADING before it. */
  function tell(state: State): Promise<void> {
    told = told
      .then(() => notify(socket!, state, env))
      .catch((cause) => {
        createLog('warn').warn({ err: cause, state }, 'systemd could not be told');
      });
    return told;
  }

  async function watch(works: () => boolean | Promise<boolean>): Promise<void> {
    const { signal } = watching;
    while (interval !== undefined && !signal.aborted) {
      const alive = await works();
      if (alive && !signal.aborted) await tell('WATCHDOG=1');
      const pause = alive ? interval / 2 : Math.min(LOOK_AGAIN, interval / 2);
      await delay(pause, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  return {
    ready(works) {
      void tell('READY=1');
      void watch(works);
    },
    async reloading(work) {
      void tell('RELOADING=1');
      try {
        await work();
      } finally {
        void tell('READY=1');
      }
    },
    stopping() {
      watching.abort();
      void tell('STOPPING=1');
    },
  };
}

/** @returns milliseconds within which systemd wants a sign of life, if it wants any of us */
function watchdogInterval(microseconds = '', pid = ''): number | undefined {
  if (pid !== '' && pid !== String(process.pid)) return undefined;
  return /^[1-9]\d{0,14}$/.test(microseconds) ? Number(microseconds) / 1_000 : undefined;
}

/**
 * Node has no datagram sockets of the UNIX family, so systemd's own program speaks. It stays until
 * the message has been read; without that, systemd would not know whose it was.
 */
async function notify(socket: string, state: State, env: NodeJS.ProcessEnv): Promise<void> {
  const { execFile } = await import('node:child_process');
  const options = { env: { ...env, NOTIFY_SOCKET: socket }, timeout: PATIENCE };
  await new Promise<void>((resolve, reject) => {
    execFile('systemd-notify', [state], options, (cause) => (cause ? reject(cause) : resolve()));
  });
}
