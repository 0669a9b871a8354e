import { type Address, type AddressRange, bitsOf } from '../address/index.ts';

/**
 * Ranges of one family to be compiled: the same place of each column is one range. A hundred
 * thousand objects would have the garbage collector hold up calls.
 */
export interface RangeColumns {
  /** 32-bit words of an address, the most significant first: one for IPv4, four for IPv6. */
  readonly width: number;
  count: number;
  /** Words of the first and last addresses, range after range; with room at the end. */
  firsts: Uint32Array;
  lasts: Uint32Array;
  /** The number that its rule goes by. */
  rules: Uint32Array;
  /** Milliseconds since 1970, Infinity where the rule does not expire. */
  expiresAt: Float64Array;
}

export function rangeColumns(family: Address['family']): RangeColumns {
  const width = bitsOf(family) / 32;
  return { width, count: 0, ...emptyColumns(width, ROOM) };
}

/** Ranges that there is room for at first. */
const ROOM = 16;

export function addRange(
  columns: RangeColumns,
  { first, last }: AddressRange,
  rule: number,
  expiresAt: number,
): void {
  const { width, count } = columns;
  if (count === columns.rules.length) grow(columns);
  put(columns.firsts, count * width, first);
  put(columns.lasts, count * width, last);
  columns.rules[count] = rule;
  columns.expiresAt[count] = expiresAt;
  columns.count++;
}

function emptyColumns(width: number, room: number) {
  return {
    firsts: new Uint32Array(room * width),
    lasts: new Uint32Array(room * width),
    rules: new Uint32Array(room),
    expiresAt: new Float64Array(room),
  };
}

/** A typed array silently drops what is written behind its end. */
function grow(columns: RangeColumns): void {
  const { firsts, lasts, rules, expiresAt } = columns;
  Object.assign(columns, emptyColumns(columns.width, 2 * rules.length));
  columns.firsts.set(firsts);
  columns.lasts.set(lasts);
  columns.rules.set(rules);
  columns.expiresAt.set(expiresAt);
}

function put(words: Uint32Array, at: number, address: Address): void {
  if (address.family === 4) words[at] = address.value;
  else words.set(address.words, at);
}
