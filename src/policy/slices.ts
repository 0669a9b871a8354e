import { setImmediate as turn } from 'node:timers/promises';

/**
 * Work that can be stopped for a moment: each `yield` is a place where others may have their turn.
 * It does nothing by itself; {@link atOnce} or {@link inSlices} carries it out.
 */
export type Work<T> = Generator<undefined, T>;

/** Milliseconds of work between two turns of the calls; one call takes some five turns. */
const SLICE = 1;

/** Carries the work out without a pause. */
export function atOnce<T>(work: Work<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

/** Carries the work out a few milliseconds at a time, so that no call waits for all of it. */
export async function inSlices<T>(work: Work<T>): Promise<T> {
  for (;;) {
    const end = performance.now() + SLICE;
    do {
      const { done, value } = work.next();
      if (done) return value;
    } while (performance.now() < end);
    await turn();
  }
}
