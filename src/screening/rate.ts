/**
 * Counts calls per source and tells which source is above its rate. Memory is bounded: at most
 * `sources` sources are remembered, the one that called longest ago is forgotten first. An attack
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
}

export interface RateLimits {
  /** Calls allowed within the window; 0 turns the check off. */
  readonly calls: number;
  readonly milliseconds: number;
  /** Sources remembered at most. */
  readonly sources?: number;
}

const SOURCES = 16_384;

export function createCallRate(limits: RateLimits): CallRate {
  const { calls, milliseconds, sources = SOURCES } = limits;
  if (calls === 0) return { count: () => false };
  // The times of the last `calls` calls of each source, as a ring. Map keeps insertion order, so
  // deleting and setting again makes it a queue of the least recently seen.
  const rings = new Map<string, Ring>();
  return {
    count(source, now) {
      const ring = rings.get(source) ?? forgetOldest(rings, sources) ?? { times: [], at: 0 };
      rings.delete(source);
      rings.set(source, ring);
      const oldest = ring.times[ring.at];
      ring.times[ring.at] = now;
      ring.at = (ring.at + 1) % calls;
      return oldest !== undefined && now - oldest < milliseconds;
    },
  };
}

interface Ring {
  readonly times: number[];
  at: number;
}

function forgetOldest(rings: Map<string, Ring>, most: number): undefined {
  if (rings.size < most) return;
  for (const oldest of rings.keys()) {
    rings.delete(oldest);
    return;
  }
}
