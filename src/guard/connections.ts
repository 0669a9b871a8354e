import { setTimeout as delay } from 'node:timers/promises';
import type { AmiConnection, AmiMessage } from '../ami/index.ts';
import { coalesced } from '../coalesced.ts';
import { type GuardParts, why } from './parts.ts';

/** What the guard does with one connection to Asterisk after the other. */
export interface Connections {
  up(connection: AmiConnection): Promise<void>;
  down(): void;
  /** A full look, where Asterisk is there. */
  sweep(): Promise<void>;
  /** Whether Asterisk can be asked now. */
  connected(): boolean;
  /** Whether the trunks are known: before that nobody is blocked, as it might be one. */
  known(): boolean;
}

/** Milliseconds in which Asterisk tells of our own log-in. */
const OWN_LOGIN = 5_000;

/** Milliseconds that Asterisk is given to load its modules; one that has says so at the login. */
const BOOT = 60_000;

export function connections({ watch, options: { log } }: GuardParts): Connections {
  let connection: AmiConnection | undefined;
  let known = false;
  let deaf: NodeJS.Timeout | undefined;

  /** An account without the class `security` hears of no log-in at all, and nothing says so. */
  function listenForSecurity(): () => void {
    clearTimeout(deaf);
    deaf = setTimeout(() => {
      log.error(
        'guard: no security events come: the manager account needs read=system,security in manager.conf',
      );
    }, OWN_LOGIN).unref();
    return () => clearTimeout(deaf);
  }

  const sweep = coalesced(async () => {
    if (!connection) return;
    try {
      const began = performance.now();
      const peers = await watch.sweep(connection);
      known = true;
      const milliseconds = Math.round(performance.now() - began);
      log.debug({ peers: peers.length, milliseconds }, 'guard: looked at all endpoints');
    } catch (cause) {
      log.warn(why(cause), 'guard: sweep failed');
    }
  });

  return {
    sweep,
    connected: () => connection !== undefined,
    known: () => known,
    async up(up) {
      connection = up;
      watch.reloaded(); // while we were away Asterisk may have been configured anew
      const early: AmiMessage[] = [];
      let take = (event: AmiMessage) => void early.push(event);
      const heard = listenForSecurity();
      let booted = () => {};
      const boot = new Promise<void>((resolve) => {
        booted = resolve;
      });
      up.onEvent((event) => {
        if (event['Privilege']?.startsWith('security')) heard();
        if (event['Event'] === 'FullyBooted') booted();
        take(event);
      });
      // The manager listens before the channel drivers are loaded: no trunk would be found yet.
      await Promise.race([boot, up.closed, delay(BOOT, undefined, { ref: false })]);
      await sweep();
      // Without the trunks nobody is to be judged: the connection is given up, and tried again.
      if (!known) throw new Error('the endpoints could not be looked at');
      take = (event) => {
        try {
          if (event['Event'] === 'Reload') {
            watch.reloaded();
            void sweep();
          } else watch.event(event);
        } catch (cause) {
          // A database that is locked, or a full disk: the next event, or the next sweep, tries again.
          log.error({ err: cause, event: event['Event'] }, 'guard: an event could not be acted on');
        }
      };
      for (const event of early) take(event);
      log.info('guard: watching');
    },
    down() {
      connection = undefined;
      clearTimeout(deaf);
    },
  };
}
