import type { Address, AddressRange } from '../address/index.ts';
import type { Ends } from './range-keys.ts';
import { segmentsOf } from './segments.ts';
import { atOnce, type Work } from './slices.ts';

/** A range and the rule behind it; `expiresAt` is Infinity for a rule that does not expire. */
export interface RangeEntry<R> {
  readonly range: AddressRange;
  readonly rule: R;
  readonly expiresAt: number;
}

/** Ranges compiled for look-up: finds the rule that covers an address. */
export interface RangeTable<R> {
  /** The covering rule that lives longest, if one lives at `now` (milliseconds since 1970). */
  find(address: Address, now: number): R | undefined;
  /** Disjoint segments held, for `status`. */
  readonly size: number;
}

/** {@link rangeTable} without a pause. */
export function compileRanges<R>(entries: readonly RangeEntry<R>[]): RangeTable<R> {
  return atOnce(rangeTable(entries));
}

export function* rangeTable<R>(entries: readonly RangeEntry<R>[]): Work<RangeTable<R>> {
  const ipv4 = yield* segmentsOf(entries, 4);
  const ipv6 = yield* segmentsOf(entries, 6);
  const findV4 = finderV4(ipv4.ends);
  const findV6 = finderV6(ipv6.ends);
  return {
    size: ipv4.entries.length + ipv6.entries.length,
    find(address, now) {
      const v4 = address.family === 4;
      const at = v4 ? findV4(address.value) : findV6(address.words);
      if (at < 0) return undefined; // an array asked for [-1] is slow
      const entry = (v4 ? ipv4 : ipv6).entries[at]!;
      return entry.expiresAt > now ? entry.rule : undefined;
    },
  };
}

/** @returns a function from an address to the index of its segment, or -1 */
function finderV4({ firsts, lasts }: Ends): (value: number) => number {
  return (value) => {
    let low = 0;
    let high = firsts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (firsts[middle]! <= value) low = middle + 1;
      else high = middle;
    }
    return low > 0 && value <= lasts[low - 1]! ? low - 1 : -1;
  };
}

type Words = readonly [number, number, number, number];

/** As {@link finderV4}, on four words an address. */
function finderV6({ firsts, lasts }: Ends): (words: Words) => number {
  return (words) => {
    let low = 0;
    let high = firsts.length / 4;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareAt(firsts, middle, words) <= 0) low = middle + 1;
      else high = middle;
    }
    return low > 0 && compareAt(lasts, low - 1, words) >= 0 ? low - 1 : -1;
  };
}

function compareAt(table: Uint32Array, index: number, words: Words): number {
  for (let w = 0; w < 4; w++) {
    const difference = table[index * 4 + w]! - words[w]!;
    if (difference !== 0) return difference;
  }
  return 0;
}
