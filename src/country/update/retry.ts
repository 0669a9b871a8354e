import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from '../../errors.ts';

/** A failure that may go away by itself; what it is about is `fault`. */
export class Passing extends Error {
  readonly fault: Fault;
  /** Milliseconds that the server asked us to wait (Retry-After). */
  readonly wait: number | undefined;

  constructor(fault: Fault, wait?: number) {
    super(fault.message, { cause: fault });
    this.fault = fault;
    this.wait = wait;
  }
}

export interface Patience {
  /** Milliseconds from the first try until no other one is begun. */
  readonly retryFor: number;
  /** Milliseconds before the second try; doubled for each further one. */
  readonly firstDelay: number;
}

/** Milliseconds between two tries at most, unless the server asks for more. */
const LONGEST_DELAY = 60_000;

/**
 * Does `work` until it succeeds, fails for good, or time is up. The delay doubles, and half of it
 * is left to chance, so that many clients of one server do not come back at the same moment.
 * @throws Fault the last failure, or the signal's reason
 */
export async function withRetries<T>(
  work: () => Promise<T>,
  { retryFor, firstDelay }: Patience,
  {
    onRetry,
    signal,
  }: { onRetry?: (fault: Fault, wait: number) => void; signal?: AbortSignal } = {},
): Promise<T> {
  const end = performance.now() + retryFor;
  for (let step = firstDelay; ; step = Math.min(step * 2, LONGEST_DELAY)) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Passing)) throw error;
      const wait = Math.max(step * (0.5 + Math.random() / 2), error.wait ?? 0);
      if (performance.now() + wait > end) throw error.fault;
      onRetry?.(error.fault, wait);
      await delay(wait, undefined, signal ? { signal } : {});
    }
  }
}

/** Retry-After (RFC 9110, 10.2.3): seconds, or a date. @returns milliseconds */
export function retryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
