import { fault } from '../errors.ts';
import {
  type Address,
  addressFrom,
  bitsOf,
  compareAddresses,
  formatAddress,
  type Ipv4,
  type Ipv6,
  integerOf,
  parseAddress,
} from './address.ts';

/** All addresses from `first` to `last`, both included; one family, `first` not after `last`. */
export interface AddressRange {
  readonly first: Address;
  readonly last: Address;
}

/** The range of a single address. */
export function single(address: Address): AddressRange {
  return { first: address, last: address };
}

/**
 * Reads an address, a CIDR (`203.0.113.0/24`, `2001:db8::/32`) or a range (`first-last`).
 * @returns undefined where the text does not look like any of these (it may be a host name)
 * @throws Fault where it looks like one but is wrong: bits behind the prefix, an end before the
 * beginning, two families
 */
export function parseRange(text: string): AddressRange | undefined {
  const slash = text.indexOf('/');
  if (slash >= 0) return parseCidr(text, text.slice(0, slash), text.slice(slash + 1));
  const address = parseAddress(text);
  if (address) return single(address);
  const dash = text.indexOf('-');
  if (dash < 0) return undefined;
  const first = parseAddress(text.slice(0, dash).trim());
  const last = parseAddress(text.slice(dash + 1).trim());
  return first && last ? rangeBetween(first, last) : undefined;
}

/** @throws Fault where the two don't make a range */
export function rangeBetween(first: Address, last: Address): AddressRange {
  if (first.family !== last.family) {
    throw fault('range-families', formatAddress(first), formatAddress(last));
  }
  if (compareAddresses(first, last) > 0) {
    throw fault('range-order', formatAddress(first), formatAddress(last));
  }
  return { first, last };
}

function parseCidr(text: string, base: string, prefix: string): AddressRange | undefined {
  const address = parseAddress(base);
  if (!address) return undefined;
  // An IPv4-mapped base carries an IPv6 prefix: ::ffff:192.0.2.0/120 is 192.0.2.0/24.
  const most = base.includes(':') ? 128 : 32;
  const length = /^(0|[1-9]\d{0,2})$/.test(prefix) ? Number(prefix) : -1;
  if (length < 0 || length > most) throw fault('cidr-prefix', text, most);
  const bits = length - (most - bitsOf(address.family));
  if (bits < 0) throw fault('cidr-mapped', text);
  const range = cidr(address, bits);
  if (compareAddresses(range.first, address) !== 0) {
    throw fault('cidr-host-bits', text, formatRange(range));
  }
  // ::/80 to ::fffe:0:0/95 end on an IPv4-mapped address, which is IPv4 here: no range of one family.
  if (range.last.family === 6 && isMapped(range.last)) throw fault('cidr-mapped', text);
  return range;
}

function isMapped({ words }: Ipv6): boolean {
  return words[0] === 0 && words[1] === 0 && words[2] === 0xffff;
}

/** The network of `bits` leading bits that holds `address`. */
export function cidr(address: Address, bits: number): AddressRange {
  const host = (1n << BigInt(bitsOf(address.family) - bits)) - 1n;
  const first = integerOf(address) & ~host;
  return {
    first: addressFrom(address.family, first),
    last: addressFrom(address.family, first | host),
  };
}

/** `address`, `address/bits` where the range is one network, else `first-last`. */
export function formatRange(range: AddressRange): string {
  const bits = prefixOf(range);
  if (bits === undefined) return `${formatAddress(range.first)}-${formatAddress(range.last)}`;
  return bits === bitsOf(range.first.family)
    ? formatAddress(range.first)
    : `${formatAddress(range.first)}/${bits}`;
}

/** Leading bits, where the range is exactly one network. */
export function prefixOf({ first, last }: AddressRange): number | undefined {
  if (first.family === 4) return prefixOfWords([first.value], [(last as Ipv4).value]);
  return prefixOfWords(first.words, (last as Ipv6).words);
}

/** Behind the prefix the first address has nothing but zeros, the last nothing but ones. */
function prefixOfWords(first: readonly number[], last: readonly number[]): number | undefined {
  let bits = 0;
  for (let w = 0; w < first.length; w++) {
    const host = bits < 32 * w ? 0xffff_ffff : (first[w]! ^ last[w]!) >>> 0;
    const network = Math.clz32(host);
    if (host !== 2 ** (32 - network) - 1) return undefined;
    if ((first[w]! & host) !== 0 || (last[w]! & host) >>> 0 !== host) return undefined;
    if (bits === 32 * w) bits += network;
  }
  return bits;
}

/** How many addresses the range holds. */
export function sizeOf(range: AddressRange): bigint {
  return integerOf(range.last) - integerOf(range.first) + 1n;
}

export function contains(range: AddressRange, address: Address): boolean {
  return (
    range.first.family === address.family &&
    compareAddresses(range.first, address) <= 0 &&
    compareAddresses(address, range.last) <= 0
  );
}

/** The fewest networks that make up the range, in order, as `address/bits` ranges. */
export function cidrsOf(range: AddressRange): AddressRange[] {
  const family = range.first.family;
  const last = integerOf(range.last);
  const networks: AddressRange[] = [];
  let at = integerOf(range.first);
  while (at <= last) {
    let size = at === 0n ? 1n << BigInt(bitsOf(family)) : at & -at; // largest aligned block here
    while (at + size - 1n > last) size >>= 1n;
    networks.push({ first: addressFrom(family, at), last: addressFrom(family, at + size - 1n) });
    at += size;
  }
  return networks;
}
