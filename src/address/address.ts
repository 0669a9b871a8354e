import { isIPv4 } from 'node:net';

/** An IPv4 address as its unsigned 32-bit value. */
export interface Ipv4 {
  readonly family: 4;
  readonly value: number;
}

/** An IPv6 address as four unsigned 32-bit words, the most significant first. */
export interface Ipv6 {
  readonly family: 6;
  readonly words: readonly [number, number, number, number];
}

/**
 * An address that has been parsed: unparsed text can't be one. IPv4-mapped IPv6
 * (`::ffff:192.0.2.1`, RFC 4291 section 2.5.5.2) is IPv4 here, as Asterisk's dual-stack
 * sockets show an IPv4 caller in that form.
 */
export type Address = Ipv4 | Ipv6;

const MAPPED_PREFIX = 0xffff;

/**
 * Reads a bare address. Strict: no octal or short forms (`010.1`, `1.2.3`, `0x7f.1`), no white
 * space, no port, no brackets. A zone id (`fe80::1%eth0`, RFC 4007) is dropped: it names an
 * interface of this host, not the caller.
 * @returns undefined for anything else
 */
export function parseAddress(text: string): Address | undefined {
  if (isIPv4(text)) return ipv4(ipv4Value(text));
  const parts = ipv6Parts(text);
  return parts && ipv6([word(parts, 0), word(parts, 2), word(parts, 4), word(parts, 6)]);
}

const GROUP = /^[0-9a-f]{1,4}$/i;
const ZONE = /^[0-9a-z.:-]+$/i;

/**
 * The eight 16-bit groups of an IPv6 address (RFC 4291 section 2.2). Accepts what `isIPv6` of Node.js
 * does, whose one large regular expression takes 12 ms to compile: a tenth of what a verb may take.
 */
function ipv6Parts(text: string): number[] | undefined {
  const zone = text.indexOf('%');
  if (zone >= 0 && !ZONE.test(text.slice(zone + 1))) return undefined;
  const halves = (zone < 0 ? text : text.slice(0, zone)).split('::');
  const [left, right] = halves.map((half, i) => groups(half, i === halves.length - 1));
  if (!left || halves.length > 2) return undefined;
  if (halves.length === 1) return left.length === 8 ? left : undefined;
  const zeros = 8 - left.length - (right?.length ?? 8);
  return zeros > 0 ? [...left, ...new Array<number>(zeros).fill(0), ...right!] : undefined;
}

/** @param last whether they end the address, where the last two may be written as IPv4 */
function groups(text: string, last: boolean): number[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  const values = parts.flatMap((part, i) => {
    if (GROUP.test(part)) return Number.parseInt(part, 16);
    if (!last || i < parts.length - 1 || !isIPv4(part)) return Number.NaN;
    const value = ipv4Value(part);
    return [value >>> 16, value & 0xffff];
  });
  return values.some(Number.isNaN) ? undefined : values;
}

function ipv4Value(text: string): number {
  let value = 0;
  for (const part of text.split('.')) value = value * 256 + Number(part);
  return value;
}

function word(parts: readonly number[], at: number): number {
  return parts[at]! * 0x10000 + parts[at + 1]!;
}

/** @param value unsigned, 32 bits */
export function ipv4(value: number): Ipv4 {
  return { family: 4, value };
}

/** Four unsigned 32-bit words; an IPv4-mapped address becomes the IPv4 address in it. */
export function ipv6(words: Ipv6['words']): Address {
  if (words[0] === 0 && words[1] === 0 && words[2] === MAPPED_PREFIX) return ipv4(words[3]);
  return { family: 6, words };
}

/** The usual text: dotted decimal, or RFC 5952 for IPv6. */
export function formatAddress(address: Address): string {
  if (address.family === 4) {
    const v = address.value;
    return `${v >>> 24}.${(v >>> 16) & 255}.${(v >>> 8) & 255}.${v & 255}`;
  }
  return formatIpv6(address.words);
}

/** RFC 5952 section 4: no leading zeros, lower case, the longest run of zero groups as `::`. */
function formatIpv6(words: Ipv6['words']): string {
  let text = '';
  let zeros = ''; // the longest run of two groups or more, the first of those alike
  let run = '';
  for (let group = 0; group < 8; group++) {
    const word = words[group >>> 1]!;
    const value = group % 2 === 0 ? word >>> 16 : word & 0xffff;
    run = value === 0 ? `${run}:0` : '';
    if (run.length > zeros.length && run.length > 2) zeros = run;
    text += `:${value.toString(16)}`;
  }
  if (zeros === '') return text.slice(1);
  const at = text.indexOf(zeros);
  return `${text.slice(1, Math.max(1, at))}::${text.slice(at + zeros.length + 1)}`;
}

/** Bits in an address of this family. */
export function bitsOf(family: Address['family']): 32 | 128 {
  return family === 4 ? 32 : 128;
}

/**
 * The address as one number: what the original `iputility` printed for IPv4
 * (`156.130.20.10` → 2625770506); the 128-bit value for IPv6.
 */
export function integerOf(address: Address): bigint {
  if (address.family === 4) return BigInt(address.value);
  return address.words.reduce((sum, w) => (sum << 32n) | BigInt(w), 0n);
}

/** The inverse of {@link integerOf}. The value must fit the family. */
export function addressFrom(family: Address['family'], integer: bigint): Address {
  if (family === 4) return ipv4(Number(integer));
  const at = (shift: bigint) => Number((integer >> shift) & 0xffff_ffffn);
  return { family: 6, words: [at(96n), at(64n), at(32n), at(0n)] };
}

/** Negative, zero or positive as `a` comes before, is, or comes after `b`; IPv4 before IPv6. */
export function compareAddresses(a: Address, b: Address): number {
  if (a.family === 4) return b.family === 4 ? a.value - b.value : -1;
  if (b.family === 4) return 1;
  for (let i = 0; i < 4; i++) {
    const difference = a.words[i]! - b.words[i]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

/** 16 bytes in network order, IPv4 as IPv4-mapped IPv6: sorts in SQLite as the addresses do. */
export function bytesOf(address: Address): Buffer {
  const bytes = Buffer.alloc(16);
  const words = address.family === 4 ? [0, 0, MAPPED_PREFIX, address.value] : address.words;
  words.forEach((w, i) => {
    bytes.writeUInt32BE(w, i * 4);
  });
  return bytes;
}

/** The inverse of {@link bytesOf}. */
export function addressFromBytes(bytes: Buffer): Address {
  return addressAt(bytes, 0);
}

/** The address whose 16 bytes begin at `offset`. */
export function addressAt(bytes: Buffer, offset: number): Address {
  const word = (i: number) => bytes.readUInt32BE(offset + 4 * i);
  return ipv6([word(0), word(1), word(2), word(3)]);
}

/**
 * The unit in which callers are counted (rates, strikes, digests, blocks): one IPv4 address, or
 * the /64 of an IPv6 one, since a single host may use any address of its /64.
 * @returns text: `192.0.2.1` or `2001:db8::/64`
 */
export function countedSource(address: Address): string {
  if (address.family === 4) return formatAddress(address);
  const [a, b] = address.words;
  return `${formatAddress({ family: 6, words: [a, b, 0, 0] })}/64`;
}
