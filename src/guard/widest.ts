import { type AddressRange, sizeOf } from '../address/index.ts';

/**
 * Addresses of the widest network that is taken for one provider's: IPv4 /16, IPv6 /32. An identify
 * that matches half the Internet must not make a trunk, which is never blocked, of half the Internet.
 */
const WIDEST = { 4: 1n << 16n, 6: 1n << 96n } as const;

export function isTooWide(range: AddressRange): boolean {
  return sizeOf(range) > WIDEST[range.first.family];
}
