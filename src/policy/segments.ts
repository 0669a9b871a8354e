import { Heap } from './heap.ts';
import { radixOrder } from './radix-order.ts';
import type { RangeColumns } from './range-columns.ts';
import { compareKeys, copyKey, type Ends, emptyEnds, extentsOf, stepKey } from './range-keys.ts';
import type { Work } from './slices.ts';

/** Steps between two places to pause: some 0.1 ms. */
const STEPS = 512;

/** Disjoint, in order; each with the number of the rule that it belongs to, and its expiry. */
export interface Segments {
  readonly ends: Ends;
  readonly rules: Uint32Array;
  readonly expiresAt: Float64Array;
}

/**
 * Cuts overlapping ranges into disjoint, sorted segments. Where several rules cover a segment it
 * goes to the one that lives longest: when that one has expired, so have the others, and no
 * recompilation is needed at the moment of an expiry.
 */
export function* segmentsOf(ranges: RangeColumns): Work<Segments> {
  const { width, count, firsts, lasts, expiresAt } = ranges;
  const order = yield* radixOrder(firsts, count, width);
  yield;
  const extents = extentsOf(ranges, count);
  yield;
  /** The longest-lived first; of equals, the narrower, as it says more. */
  const covering = new Heap((a, b) => {
    const [until, other] = [expiresAt[a]!, expiresAt[b]!];
    return until === other ? compareKeys(extents, a, extents, b, width) < 0 : until > other;
  });

  // Each range that begins cuts one segment in two at most.
  const cut = emptyEnds(2 * count, width);
  const owners = new Uint32Array(2 * count);
  let size = 0;
  const at = new Uint32Array(width);
  let next = 0;
  for (let steps = 1; next < count || covering.top !== undefined; steps++) {
    if (steps % STEPS === 0) yield;
    if (covering.top === undefined) copyKey(firsts, order[next]!, at, 0, width);
    while (next < count && compareKeys(firsts, order[next]!, at, 0, width) <= 0)
      covering.push(order[next++]!);
    while (covering.top !== undefined && compareKeys(lasts, covering.top, at, 0, width) < 0)
      covering.pop();
    const best = covering.top;
    if (best === undefined) continue;
    // Where the last segment has the same owner it goes on: what began in between is no better.
    if (size === 0 || owners[size - 1] !== best) {
      copyKey(at, 0, cut.firsts, size, width);
      owners[size++] = best;
    }
    // The best one stands to its end, or to where the next begins, which may be better.
    const follower = order[next];
    if (follower !== undefined && compareKeys(firsts, follower, lasts, best, width) <= 0) {
      copyKey(firsts, follower, cut.lasts, size - 1, width);
      stepKey(cut.lasts, size - 1, width, -1);
      copyKey(firsts, follower, at, 0, width);
    } else {
      copyKey(lasts, best, cut.lasts, size - 1, width);
      copyKey(lasts, best, at, 0, width);
      if (!stepKey(at, 0, width, 1)) break; // the family's last address
    }
  }
  yield;
  const firstWords = cut.firsts.slice(0, size * width);
  yield;
  const lastWords = cut.lasts.slice(0, size * width);
  yield;
  const segments = {
    ends: { width, firsts: firstWords, lasts: lastWords },
    rules: new Uint32Array(size),
    expiresAt: new Float64Array(size),
  };
  for (let i = 0; i < size; i++) {
    segments.rules[i] = ranges.rules[owners[i]!]!;
    segments.expiresAt[i] = expiresAt[owners[i]!]!;
  }
  return segments;
}
