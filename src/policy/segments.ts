import type { Address } from '../address/index.ts';
import { Heap } from './heap.ts';
import {
  compareKeys,
  copyKey,
  type Ends,
  emptyEnds,
  endsOf,
  extentsOf,
  stepKey,
} from './range-keys.ts';
import type { RangeEntry } from './range-table.ts';
import type { Work } from './slices.ts';

/** Steps between two places to pause: some 0.1 ms. */
const STEPS = 512;

/** Disjoint, in order; the entry that each belongs to. */
export interface Segments<R> {
  readonly ends: Ends;
  readonly entries: readonly RangeEntry<R>[];
}

/**
 * Cuts overlapping ranges into disjoint, sorted segments. Where several rules cover a segment it
 * goes to the one that lives longest: when that one has expired, so have the others, and no
 * recompilation is needed at the moment of an expiry.
 */
export function* segmentsOf<R>(
  all: readonly RangeEntry<R>[],
  family: Address['family'],
): Work<Segments<R>> {
  const entries = all.filter(({ range }) => range.first.family === family);
  const ends = endsOf(
    entries.map(({ range }) => range),
    family,
  );
  yield;
  const { width, firsts, lasts } = ends;
  const order = yield* sorted(entries.length, (a, b) => compareKeys(firsts, a, firsts, b, width));
  const extents = extentsOf(ends);
  /** The longest-lived first; of equals, the narrower, as it says more. */
  const covering = new Heap((a, b) => {
    const [until, other] = [entries[a]!.expiresAt, entries[b]!.expiresAt];
    return until === other ? compareKeys(extents, a, extents, b, width) < 0 : until > other;
  });

  // Each range that begins cuts one segment in two at most.
  const cut = emptyEnds(2 * entries.length, width);
  const owners: RangeEntry<R>[] = [];
  const at = new Uint32Array(width);
  let next = 0;
  for (let steps = 1; next < order.length || covering.top !== undefined; steps++) {
    if (steps % STEPS === 0) yield;
    if (covering.top === undefined) copyKey(firsts, order[next]!, at, 0, width);
    while (next < order.length && compareKeys(firsts, order[next]!, at, 0, width) <= 0)
      covering.push(order[next++]!);
    while (covering.top !== undefined && compareKeys(lasts, covering.top, at, 0, width) < 0)
      covering.pop();
    const best = covering.top;
    if (best === undefined) continue;
    const entry = entries[best]!;
    // Where the last segment has the same owner it goes on: what began in between is no better.
    if (owners.at(-1) !== entry) copyKey(at, 0, cut.firsts, owners.push(entry) - 1, width);
    const place = owners.length - 1;
    // The best one stands to its end, or to where the next begins, which may be better.
    const follower = order[next];
    if (follower !== undefined && compareKeys(firsts, follower, lasts, best, width) <= 0) {
      copyKey(firsts, follower, cut.lasts, place, width);
      stepKey(cut.lasts, place, width, -1);
      copyKey(firsts, follower, at, 0, width);
    } else {
      copyKey(lasts, best, cut.lasts, place, width);
      copyKey(lasts, best, at, 0, width);
      if (!stepKey(at, 0, width, 1)) break; // the family's last address
    }
  }
  const words = owners.length * width;
  const kept = { width, firsts: cut.firsts.slice(0, words), lasts: cut.lasts.slice(0, words) };
  return { ends: kept, entries: owners };
}

/** The numbers from 0 to `count` - 1 in order: a merge sort, which can pause as sort() can't. */
function* sorted(count: number, compare: (a: number, b: number) => number): Work<Uint32Array> {
  let from = Uint32Array.from({ length: count }, (_, i) => i);
  let to = new Uint32Array(count);
  for (let run = 1; run < count; run *= 2) {
    for (let begin = 0; begin < count; begin += 2 * run) {
      const middle = Math.min(begin + run, count);
      const end = Math.min(middle + run, count);
      let left = begin;
      let right = middle;
      for (let at = begin; at < end; at++) {
        if (at % STEPS === 0) yield;
        const takeLeft = left < middle && (right >= end || compare(from[left]!, from[right]!) <= 0);
        to[at] = takeLeft ? from[left++]! : from[right++]!;
      }
    }
    [from, to] = [to, from];
  }
  return from;
}
