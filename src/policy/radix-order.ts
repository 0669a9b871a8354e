import type { Work } from './slices.ts';

/** Values of one byte: a pass sorts by one byte of the addresses, the least significant first. */
const VALUES = 256;

/**
 * The numbers of the first `count` addresses in the order of the addresses, `width` words each, the
 * most significant first. A radix sort: it compares nothing, so 100 000 addresses take it some
 * milliseconds, and it can pause as sort() can't.
 */
export function* radixOrder(words: Uint32Array, count: number, width: number): Work<Uint32Array> {
  let from = new Uint32Array(count);
  for (let i = 0; i < count; i++) from[i] = i;
  let to = new Uint32Array(count);
  const begins = new Uint32Array(VALUES + 1);
  for (let byte = 4 * width - 1; byte >= 0; byte--) {
    yield;
    const word = byte >>> 2;
    const shift = 24 - 8 * (byte & 3);
    begins.fill(0);
    for (let i = 0; i < count; i++) begins[((words[i * width + word]! >>> shift) & 255) + 1]!++;
    if (begins.includes(count)) continue; // they all have the same byte here
    for (let value = 1; value < VALUES; value++) begins[value]! += begins[value - 1]!;
    for (let i = 0; i < count; i++) {
      const number = from[i]!;
      to[begins[(words[number * width + word]! >>> shift) & 255]!++] = number;
    }
    [from, to] = [to, from];
  }
  return from;
}
