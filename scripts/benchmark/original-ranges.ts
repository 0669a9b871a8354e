import { formatAddress, ipv4 } from '../../src/address/index.ts';

/** A range of both systems: integers for the original, text for ipcountry. */
export interface Range {
  readonly list: 'permit' | 'deny';
  readonly first: number;
  readonly last: number;
  readonly subject: string;
}

/** In the middle of conversation.mjs's callers, 10.7.0.0/20. */
const MIDDLE = 0x0a_07_08_00;
const PERMITTED = 80_000;
/** Addresses from one permitted range to the next, and in it. */
const STEP = 32;
const EACH = 16;

/**
 * 100 000 ranges, no two of a list with an address in common: permitted is half of all addresses,
 * and of each fourth of these ranges the first half is denied. The callers are in the middle of the
 * ranges, so that a search which goes through them from one end has the average way to go.
 */
export function ranges(): Range[] {
  return Array.from({ length: PERMITTED }, (_, i) => {
    const first = MIDDLE + (i - PERMITTED / 2) * STEP;
    const permit = range('permit', first, EACH);
    return i % 4 === 0 ? [permit, range('deny', first, EACH / 2)] : [permit];
  }).flat();
}

function range(list: Range['list'], first: number, size: number): Range {
  const subject = `${formatAddress(ipv4(first))}/${32 - Math.log2(size)}`;
  return { list, first, last: first + size - 1, subject };
}
