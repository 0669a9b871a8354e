import {
  type Address,
  type AddressRange,
  compareAddresses,
  formatRange,
  ipv4,
} from '../address/index.ts';
import type { Ranges } from './plan.ts';

/**
 * Ranges of both families, packed: a country of 100 000 networks takes 1 MB instead of 20. Each
 * range is its first and its last address, of one 32-bit word (v4) or four (v6); they are in order
 * and disjoint, and none touches the next.
 */
export interface Spans {
  readonly v4: Uint32Array;
  readonly v6: Uint32Array;
}

/** 32-bit words of an address. */
type Width = 1 | 4;

/** Takes ranges in the order of their beginnings, and joins those that overlap or touch. */
export interface SpanWriter {
  add(range: AddressRange): void;
  finish(): Spans;
}

export function spanWriter(): SpanWriter {
  const v4 = joiner(1);
  const v6 = joiner(4);
  return {
    add({ first, last }) {
      const ends = Uint32Array.from([...wordsOf(first), ...wordsOf(last)]);
      (first.family === 4 ? v4 : v6).push(ends, 0);
    },
    finish: () => ({ v4: v4.finish(), v6: v6.finish() }),
  };
}

/** @param ranges in any order */
export function packRanges(ranges: readonly AddressRange[]): Spans {
  const writer = spanWriter();
  const sorted = [...ranges].sort((a, b) => compareAddresses(a.first, b.first));
  for (const range of sorted) writer.add(range);
  return writer.finish();
}

export function unpackRanges({ v4, v6 }: Spans): Ranges {
  return { v4: [...rangesIn(v4, 1)], v6: [...rangesIn(v6, 4)] };
}

/** Every address of any of them, as the fewest ranges. */
export function unite(all: readonly Spans[]): Spans {
  if (all.length < 2) return all[0] ?? { v4: new Uint32Array(), v6: new Uint32Array() };
  // In halves: each range is moved log(n) times, not n times.
  const half = all.length >>> 1;
  const a = unite(all.slice(0, half));
  const b = unite(all.slice(half));
  return { v4: mergeEnds(a.v4, b.v4, 1), v6: mergeEnds(a.v6, b.v6, 4) };
}

export function countSpans({ v4, v6 }: Spans): number {
  return v4.length / 2 + v6.length / 8;
}

export function spansHold({ v4, v6 }: Spans, address: Address): boolean {
  const ends = address.family === 4 ? v4 : v6;
  const width = address.family === 4 ? 1 : 4;
  const words = Uint32Array.from(wordsOf(address));
  for (let at = 0; at < ends.length; at += 2 * width) {
    if (compareWords(ends, at + width, words, 0, width) < 0) continue;
    return compareWords(ends, at, words, 0, width) <= 0;
  }
  return false;
}

/** Ranges turned into text at a time: not each for itself, nor all at once. */
const CHUNK = 1_000;

/** One family as nft takes them (`192.0.2.0/24`, `192.0.2.1-192.0.2.7`), some at a time. */
export function* spanTexts(ends: Uint32Array, family: Address['family']): Generator<string[]> {
  let chunk: string[] = [];
  for (const range of rangesIn(ends, family === 4 ? 1 : 4)) {
    chunk.push(formatRange(range));
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

export function sameEnds(a: Uint32Array, b: Uint32Array): boolean {
  return a.length === b.length && a.every((word, i) => word === b[i]);
}

function* rangesIn(ends: Uint32Array, width: Width): Generator<AddressRange> {
  for (let at = 0; at < ends.length; at += 2 * width) {
    yield { first: addressAt(ends, at, width), last: addressAt(ends, at + width, width) };
  }
}

function addressAt(ends: Uint32Array, at: number, width: Width): Address {
  if (width === 1) return ipv4(ends[at]!);
  return { family: 6, words: [ends[at]!, ends[at + 1]!, ends[at + 2]!, ends[at + 3]!] };
}

function wordsOf(address: Address): readonly number[] {
  return address.family === 4 ? [address.value] : address.words;
}

function mergeEnds(a: Uint32Array, b: Uint32Array, width: Width): Uint32Array {
  if (a.length === 0 || b.length === 0) return a.length === 0 ? b : a;
  const joined = joiner(width, a.length + b.length);
  const step = 2 * width;
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    const fromA = j >= b.length || (i < a.length && compareWords(a, i, b, j, width) <= 0);
    joined.push(fromA ? a : b, fromA ? i : j);
    if (fromA) i += step;
    else j += step;
  }
  return joined.finish();
}

/** @param room words that there will be, where that is known */
function joiner(width: Width, room = 64) {
  let ends = new Uint32Array(room);
  let used = 0;
  return {
    /** The range whose ends lie in `from` at `at`. */
    push(from: Uint32Array, at: number): void {
      const last = used - width;
      const apart =
        used === 0 ||
        (compareWords(from, at, ends, last, width) > 0 && !follows(ends, last, from, at, width));
      if (apart) {
        if (used + 2 * width > ends.length) ends = grown(ends);
        ends.set(from.subarray(at, at + 2 * width), used);
        used += 2 * width;
      } else if (compareWords(from, at + width, ends, last, width) > 0) {
        ends.set(from.subarray(at + width, at + 2 * width), last);
      }
    },
    finish: () => ends.slice(0, used),
  };
}

function grown(ends: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(ends.length * 2);
  larger.set(ends);
  return larger;
}

function compareWords(a: Uint32Array, i: number, b: Uint32Array, j: number, width: Width): number {
  for (let w = 0; w < width; w++) {
    const difference = a[i + w]! - b[j + w]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Whether the address in `b` is the one after that in `a`. */
function follows(a: Uint32Array, i: number, b: Uint32Array, j: number, width: Width): boolean {
  let carry = 1;
  for (let w = width - 1; w >= 0; w--) {
    const sum = a[i + w]! + carry;
    carry = sum > 0xffff_ffff ? 1 : 0;
    if (sum >>> 0 !== b[j + w]) return false;
  }
  return carry === 0;
}
