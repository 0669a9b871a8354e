import {
  type Address,
  type AddressRange,
  bitsOf,
  cidr,
  parseAddress,
  single,
} from '../address/index.ts';
import { parseUri } from '../sip/index.ts';

/** Where a peer was said to be: an address or network, else a host name. */
export type Place =
  | { readonly range: AddressRange; readonly host: undefined }
  | { readonly range: undefined; readonly host: string };

/**
 * Reads one entry of `host`, `permit`, `match` or `sip_server`: `203.0.113.7`, `203.0.113.0/24`,
 * `203.0.113.0/255.255.255.0`, `2001:db8::/32`, `sip.example.com`, either with a port behind it.
 * @returns undefined for anything else, `!` exceptions and masks with holes among it
 */
export function parsePlace(text: string): Place | undefined {
  if (text.includes('/')) return placed(parseNetwork(text));
  const address = parseAddress(text);
  if (address) return placed(single(address));
  const uri = parseUri(`sip:${text}`);
  if (uri?.scheme !== 'sip' || uri.user !== undefined) return undefined;
  const { host } = uri;
  if (host.kind === 'address') return placed(single(host.address));
  return { range: undefined, host: host.name };
}

function placed(range: AddressRange | undefined): Place | undefined {
  return range && { range, host: undefined };
}

/** Bits behind the mask don't count: Asterisk masks them away (main/acl.c), so the network is meant. */
function parseNetwork(text: string): AddressRange | undefined {
  const [base = '', mask = '', ...more] = text.split('/');
  const address = parseAddress(base);
  if (!address || more.length > 0) return undefined;
  // An IPv4-mapped base counts its bits otherwise; nobody writes that.
  if (address.family === 4 && base.includes(':')) return undefined;
  const bits = /^\d{1,3}$/.test(mask) ? Number(mask) : dottedBits(mask, address);
  return bits <= bitsOf(address.family) ? cidr(address, bits) : undefined;
}

/** Leading ones of `255.255.255.0`; NaN where it is no mask of the address, or ones follow a zero. */
function dottedBits(mask: string, { family }: Address): number {
  const address = parseAddress(mask);
  if (family !== 4 || address?.family !== 4 || mask.includes(':')) return Number.NaN;
  const zeros = ~address.value >>> 0;
  return (zeros & (zeros + 1)) === 0 ? Math.clz32(zeros) : Number.NaN;
}

/** The entries of a list. FreePBX joins repeated lines with `&`; Asterisk takes commas within one. */
export function parseList(text: string): string[] {
  return text
    .split(/[&,]/)
    .map((entry) => entry.trim())
    .filter(Boolean);
}

/**
 * The host of a registration line: `user[:secret[:authuser]]@host[:port][/extension][~expiry]`, in
 * chan_sip with `peer?` and `tls://` in front. It holds a secret: never show it.
 */
export function parseRegistration(text: string): Place | undefined {
  const behind = text.slice(text.lastIndexOf('@') + 1);
  return text.includes('@') ? parsePlace(behind.replace(/[/~].*$/s, '').trim()) : undefined;
}
