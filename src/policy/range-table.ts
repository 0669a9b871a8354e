import { type Address, type AddressRange, integerOf } from '../address/index.ts';

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

/**
 * Cuts overlapping ranges into disjoint, sorted segments. Where several rules cover a segment it
 * goes to the one that lives longest: when that one has expired, so have the others, and no
 * recompilation is needed at the moment of an expiry.
 */
export function compileRanges<R>(entries: readonly RangeEntry<R>[]): RangeTable<R> {
  const v4 = segments(
    keyed(entries, 4, (a) => (a.family === 4 ? a.value : 0)),
    (k) => k + 1,
    (k) => k - 1,
  );
  const v6 = segments(
    keyed(entries, 6, integerOf),
    (k) => k + 1n,
    (k) => k - 1n,
  );
  const findV4 = tableV4(v4);
  const findV6 = tableV6(v6);
  const rules = [...v4, ...v6].map((segment) => segment.entry);
  return {
    size: rules.length,
    find(address, now) {
      const at = address.family === 4 ? findV4(address.value) : findV6(address.words);
      if (at < 0) return undefined;
      const entry = rules[address.family === 4 ? at : v4.length + at]!;
      return entry.expiresAt > now ? entry.rule : undefined;
    },
  };
}

interface Interval<K, R> {
  readonly first: K;
  readonly last: K;
  readonly entry: RangeEntry<R>;
}

/** The entries of one family, each end as a number that compares, in order of their beginnings. */
function keyed<K extends number | bigint, R>(
  entries: readonly RangeEntry<R>[],
  family: Address['family'],
  key: (address: Address) => K,
): Interval<K, R>[] {
  return entries
    .filter((entry) => entry.range.first.family === family)
    .map((entry) => ({ first: key(entry.range.first), last: key(entry.range.last), entry }))
    .sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
}

function segments<K extends number | bigint, R>(
  intervals: readonly Interval<K, R>[],
  after: (key: K) => K,
  before: (key: K) => K,
): Interval<K, R>[] {
  const result: Interval<K, R>[] = [];
  const covering = new Heap<Interval<K, R>>(prefer);
  const add = (first: K, last: K, entry: RangeEntry<R>) => {
    const previous = result.at(-1);
    if (previous?.entry === entry && after(previous.last) === first) {
      result[result.length - 1] = { first: previous.first, last, entry };
    } else {
      result.push({ first, last, entry });
    }
  };
  let next = 0;
  let at: K | undefined;
  while (next < intervals.length || covering.top) {
    if (!covering.top || at === undefined) at = intervals[next]!.first;
    while (next < intervals.length && intervals[next]!.first <= at)
      covering.push(intervals[next++]!);
    while (covering.top && covering.top.last < at) covering.pop();
    const best = covering.top;
    if (!best) continue;
    // The best one stands to its end, or to where the next begins, which may be better.
    const cut = intervals[next];
    const last: K = cut && cut.first <= best.last ? before(cut.first) : best.last;
    add(at, last, best.entry);
    at = after(last);
  }
  return result;
}

/** The longest-lived first; of equals, the narrower, as it says more. */
function prefer<K extends number | bigint, R>(a: Interval<K, R>, b: Interval<K, R>): boolean {
  if (a.entry.expiresAt !== b.entry.expiresAt) return a.entry.expiresAt > b.entry.expiresAt;
  return a.last - a.first < b.last - b.first;
}

/** A binary heap: `top` is the preferred item. */
class Heap<T> {
  readonly #items: T[] = [];
  readonly #better: (a: T, b: T) => boolean;

  constructor(better: (a: T, b: T) => boolean) {
    this.#better = better;
  }

  get top(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    const items = this.#items;
    let at = items.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#better(items[at]!, items[parent]!)) break;
      this.#swap(at, parent);
      at = parent;
    }
  }

  pop(): void {
    const items = this.#items;
    const end = items.pop();
    if (items.length === 0 || end === undefined) return;
    items[0] = end;
    let at = 0;
    for (;;) {
      let best = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < items.length && this.#better(items[child]!, items[best]!)) best = child;
      }
      if (best === at) return;
      this.#swap(at, best);
      at = best;
    }
  }

  #swap(a: number, b: number): void {
    const items = this.#items;
    [items[a], items[b]] = [items[b]!, items[a]!];
  }
}

/** @returns a function from an address to the index of its segment, or -1 */
function tableV4<R>(segments: readonly Interval<number, R>[]): (value: number) => number {
  const firsts = Uint32Array.from(segments, (segment) => segment.first);
  const lasts = Uint32Array.from(segments, (segment) => segment.last);
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

/** As {@link tableV4}, on four 32-bit words an address: bigints would be allocated at each step. */
function tableV6<R>(segments: readonly Interval<bigint, R>[]): (words: Words) => number {
  const firsts = words(segments.map((segment) => segment.first));
  const lasts = words(segments.map((segment) => segment.last));
  return (value) => {
    let low = 0;
    let high = segments.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareAt(firsts, middle, value) <= 0) low = middle + 1;
      else high = middle;
    }
    return low > 0 && compareAt(lasts, low - 1, value) >= 0 ? low - 1 : -1;
  };
}

function words(keys: readonly bigint[]): Uint32Array {
  const result = new Uint32Array(keys.length * 4);
  keys.forEach((key, i) => {
    for (let w = 0; w < 4; w++)
      result[i * 4 + w] = Number((key >> BigInt(96 - 32 * w)) & 0xffff_ffffn);
  });
  return result;
}

function compareAt(table: Uint32Array, index: number, value: Words): number {
  for (let w = 0; w < 4; w++) {
    const difference = table[index * 4 + w]! - value[w]!;
    if (difference !== 0) return difference;
  }
  return 0;
}
