/**
 * Counts calls per source and tells which source is above its rate. Memory is bounded: at most
 * `sources` sources are remembered, those that called longest ago are forgotten first. An attack
 * from more sources than that stays below the rate with each of them anyway.
 */
export interface CallRate {
  /**
   * Counts one call.
   * @param source as countedSource() gives it
   * @param now milliseconds on a clock that never steps back
   * @returns whether the source has now placed more than `calls` calls within the window
   */
  count(source: string, now: number): boolean;
  /** Forgets what a source has done so far. */
  forget(source: string): void;
}

export interface RateLimits {
  /** Calls allowed within the window; 0 turns the check off. */
  readonly calls: number;
  readonly milliseconds: number;
  /** Sources remembered at most. */
  readonly sources?: number;
}

const SOURCES = 8_192;

export function createCallRate(limits: RateLimits): CallRate {
  const { calls, milliseconds, sources = SOURCES } = limits;
  if (calls === 0) return { count: () => false, forget() {} };
  // Two generations: a source that calls moves into the young one; when that is full it becomes
  // the old one, and who has not called since is forgotten. A single map in order of the last call
  // would have to delete at each call, and V8 walks over what was deleted (6 µs a call in a flood).
  const generation = Math.ceil(sources / 2);
  let young = new Map<string, Ring>();
  let old = new Map<string, Ring>();

  /** The calls of a source that is still remembered. */
  function known(source: string): Ring | undefined {
    return young.get(source) ?? old.get(source);
  }

  function remember(source: string, ring: Ring): void {
    if (young.size >= generation && !young.has(source)) {
      old = young;
      young = new Map();
    }
    young.set(source, ring);
  }

  return {
    count(source, now) {
      const ring = known(source);
      if (!ring) {
        remember(source, { times: [now], at: 1 % calls });
        return false;
      }
      if (!young.has(source)) remember(source, ring);
      const oldest = ring.times[ring.at];
      ring.times[ring.at] = now;
      ring.at = (ring.at + 1) % calls;
      return oldest !== undefined && now - oldest < milliseconds;
    },
    forget(source) {
      young.delete(source);
      old.delete(source);
    },
  };
}

/** The times of a source's last `calls` calls; `at` is where the oldest stands. */
interface Ring {
  readonly times: number[];
  at: number;
}
