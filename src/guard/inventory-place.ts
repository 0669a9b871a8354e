import {
  type Address,
  type AddressRange,
  cidr,
  integerOf,
  parseAddress,
  single,
} from '../address/index.ts';
import { parseSource, parseUri } from '../sip/index.ts';
import type { Peer } from './peer.ts';

/** Where a peer is: an address or network, or else the host that Asterisk has for it. */
export type Place = Pick<Peer, 'range' | 'host'>;

const NOWHERE: Place = { range: undefined, host: undefined };

/** `81.2.69.161`, `81.2.69.161:4569`, `[2001:db8::7]:5060`, `sip.provider.example:5060`. */
export function placeOfHost(text: string): Place {
  if (text === '') return NOWHERE;
  const address = parseSource(text);
  if (address) return { range: single(address), host: undefined };
  return { range: undefined, host: text.replace(/:\d{1,5}$/, '').toLowerCase() };
}

/** The host of a SIP URI; the URI itself where it is none, so that it shows. */
export function placeOfUri(text: string): Place {
  if (text === '') return NOWHERE;
  const uri = parseUri(text);
  if (uri?.scheme !== 'sip' && uri?.scheme !== 'sips') return { range: undefined, host: text };
  return uri.host.kind === 'address'
    ? { range: single(uri.host.address), host: undefined }
    : { range: undefined, host: uri.host.name };
}

/** chan_sip's and chan_iax2's words for no address. */
const NO_ADDRESS = new Set(['', '-none-', '(null)', '(Unspecified)', '0.0.0.0', '::']);

/** The address of a peer as SIPpeers and IAXpeerlist show it. */
export function placeOfAddress(text: string): Place {
  return NO_ADDRESS.has(text) ? NOWHERE : placeOfHost(text);
}

/**
 * The networks of an identify: `81.2.69.176/255.255.255.240,2001:218:1::/ffff:ffff:ffff::`. The mask
 * is an address in both families (main/acl.c, ast_ha_join); a `/28` is taken too. A network with `!`
 * is excepted from the match, so it is no place of the peer's.
 */
export function placesOfMatch(text: string): Place[] {
  return text.split(',').flatMap((part) => {
    const trimmed = part.trim();
    if (trimmed === '' || trimmed.startsWith('!')) return [];
    const [base = '', mask] = trimmed.split('/');
    const address = parseAddress(base);
    const range = address && network(address, mask);
    return [range ? { range, host: undefined } : { range: undefined, host: trimmed }];
  });
}

/** The network that holds `address`, by a mask of either form; bits behind it don't count. */
export function network(address: Address, mask: string | undefined): AddressRange | undefined {
  if (mask === undefined) return single(address);
  const most = address.family === 4 ? 32 : 128;
  const bits = /^\d{1,3}$/.test(mask) ? Number(mask) : leadingOnes(mask, most);
  return bits !== undefined && bits >= 0 && bits <= most ? cidr(address, bits) : undefined;
}

/** @returns undefined for what is no mask: ones behind a zero */
function leadingOnes(mask: string, most: number): number | undefined {
  const address = parseAddress(mask);
  if (!address) return undefined;
  const width = address.family === 4 ? 32 : 128;
  const text = integerOf(address).toString(2).padStart(width, '0');
  const ones = text.indexOf('0') < 0 ? width : text.indexOf('0');
  if (text.includes('1', ones)) return undefined;
  return ones - (width - most); // an IPv4-mapped network has a mask of IPv6
}
