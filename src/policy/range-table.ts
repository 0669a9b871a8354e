import type { Address } from '../address/index.ts';
import type { RangeColumns } from './range-columns.ts';
import type { Ends } from './range-keys.ts';
import { segmentsOf } from './segments.ts';
import type { Work } from './slices.ts';

/** Ranges compiled for look-up: finds the rule that covers an address. */
export interface RangeTable {
  /**
   * @param now milliseconds since 1970
   * @returns the number of the covering rule that lives longest, if one lives at `now`, else -1
   */
  find(address: Address, now: number): number;
  /** Disjoint segments held, for `status`. */
  readonly size: number;
}

/** Ranges of both families, by family. */
export type Ranges = Readonly<Record<Address['family'], RangeColumns>>;

export function* rangeTable(ranges: Ranges): Work<RangeTable> {
  const ipv4 = yield* segmentsOf(ranges[4]);
  const ipv6 = yield* segmentsOf(ranges[6]);
  const findV4 = finderV4(ipv4.ends);
  const findV6 = finderV6(ipv6.ends);
  return {
    size: ipv4.rules.length + ipv6.rules.length,
    find(address, now) {
      const v4 = address.family === 4;
      const at = v4 ? findV4(address.value) : findV6(address.words);
      if (at < 0) return -1; // an array asked for [-1] is slow
      const { rules, expiresAt } = v4 ? ipv4 : ipv6;
      return expiresAt[at]! > now ? rules[at]! : -1;
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
