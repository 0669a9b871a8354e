import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from './log.ts';

/**
 * Does work again and again until the signal, the first time at once, never twice at a time. What
 * fails is logged, and the next time is tried again.
 * @param every milliseconds from the end of one time to the beginning of the next
 * @param what for the log: `guard: sweep`
 */
export async function repeat(
  options: {
    readonly every: number;
    readonly what: string;
    readonly signal: AbortSignal;
    readonly log: Log;
  },
  work: () => void | Promise<void>,
): Promise<void> {
  const { every, what, signal, log } = options;
  while (!signal.aborted) {
    try {
      await work();
    } catch (cause) {
      log.error({ err: cause }, `${what} failed`);
    }
    await delay(every, undefined, { signal, ref: false }).catch(() => {});
  }
}
