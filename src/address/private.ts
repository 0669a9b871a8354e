import { type Address, parseAddress } from './address.ts';
import { type AddressRange, contains, parseRange } from './range.ts';

/** Ranges whose packets never come from the Internet: they are never blocked. */
export const PRIVATE_RANGES: readonly AddressRange[] = [
  '10.0.0.0/8', // RFC 1918
  '172.16.0.0/12',
  '192.168.0.0/16',
  '127.0.0.0/8', // loopback, RFC 1122 section 3.2.1.3
  '169.254.0.0/16', // link-local, RFC 3927
  '::1',
  'fe80::/10', // link-local, RFC 4291
  'fc00::/7', // unique local, RFC 4193
].map((text) => parseRange(text)!);

const LOOPBACK = ['127.0.0.0/8', '::1'].map((text) => parseRange(text)!);

/** Whether nobody but this host reaches what listens there. @param text an address, or a name */
export function isLoopback(text: string): boolean {
  const address = parseAddress(text);
  if (!address) return text.toLowerCase() === 'localhost';
  return LOOPBACK.some((range) => contains(range, address));
}

export function isPrivate(address: Address): boolean {
  return PRIVATE_RANGES.some((range) => contains(range, address));
}
