import { type Address, countedSource } from '../address/index.ts';
import { createCallRate } from '../screening/index.ts';

/** Counts what strangers do wrong, by source; memory is bounded as the call rate's is. */
export interface Strikes {
  /**
   * @param now milliseconds on a clock that never steps back
   * @returns whether this was one too many
   */
  count(source: Address, now: number): boolean;
  forget(source: Address): void;
}

/** @param limit strikes within `milliseconds` that are one too many, at least 1 */
export function createStrikes(limit: number, milliseconds: number): Strikes {
  // The rate tells of the call after the last that is allowed, and takes no limit of 0 allowed.
  const rate = createCallRate({ calls: Math.max(1, limit - 1), milliseconds });
  return {
    count: (source, now) => rate.count(countedSource(source), now) || limit === 1,
    forget: (source) => rate.forget(countedSource(source)),
  };
}
