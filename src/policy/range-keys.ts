/**
 * The ends of ranges of one family as unsigned 32-bit words, the most significant first, range after
 * range: one word an address for IPv4, four for IPv6. Objects and bigints would cost ten times as
 * much to sort, and a look-up must allocate nothing.
 */
export interface Ends {
  /** Words of one address. */
  readonly width: number;
  readonly firsts: Uint32Array;
  readonly lasts: Uint32Array;
}

export function emptyEnds(count: number, width: number): Ends {
  const words = () => new Uint32Array(count * width);
  return { width, firsts: words(), lasts: words() };
}

/** Negative, zero or positive as address `i` of `a` comes before, is, or comes after `j` of `b`. */
export function compareKeys(
  a: Uint32Array,
  i: number,
  b: Uint32Array,
  j: number,
  width: number,
): number {
  for (let w = 0; w < width; w++) {
    const difference = a[i * width + w]! - b[j * width + w]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Copies address `from` of one table to place `to` of another. */
export function copyKey(
  source: Uint32Array,
  from: number,
  target: Uint32Array,
  to: number,
  width: number,
): void {
  for (let w = 0; w < width; w++) target[to * width + w] = source[from * width + w]!;
}

/** Adds 1 to address `at`, or takes 1 away, in place. @returns false where it went over the end */
export function stepKey(words: Uint32Array, at: number, width: number, step: 1 | -1): boolean {
  for (let w = width - 1; w >= 0; w--) {
    const word = words[at * width + w]! + step;
    words[at * width + w] = word;
    if (word >= 0 && word <= 0xffff_ffff) return true;
  }
  return false;
}

/** How many addresses each of the first `count` ranges has, less one: they compare as ends do. */
export function extentsOf({ width, firsts, lasts }: Ends, count: number): Uint32Array {
  const extents = new Uint32Array(count * width);
  for (let range = 0; range < extents.length; range += width) {
    let borrow = 0;
    for (let w = width - 1; w >= 0; w--) {
      const word = lasts[range + w]! - firsts[range + w]! - borrow;
      extents[range + w] = word;
      borrow = word < 0 ? 1 : 0;
    }
  }
  return extents;
}
