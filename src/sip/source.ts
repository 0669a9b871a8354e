import { type Address, parseAddress } from '../address/index.ts';

/** No driver gives more: brackets, an IPv6 address, a zone id (an interface name), a port. */
const LONGEST = 100;
const PORT = /^(?:0|[1-9]\d{0,4})$/;
const BRACKETED = /^\[([^[\]]*)\](?:%[A-Za-z0-9._-]+)?(?::(\d+))?$/;

/**
 * Reads a packet source as Asterisk's channel drivers give it: `192.0.2.7` (chan_sip's recvip,
 * chan_iax2's peerip), `192.0.2.7:5060` or `[2001:db8::7]:5060` (chan_pjsip's remote_addr), with
 * IPv4-mapped IPv6 and zone ids in any place. The port must be one, but is not kept: it says
 * nothing about who calls.
 * @returns undefined for anything else
 */
export function parseSource(text: string): Address | undefined {
  if (text.length > LONGEST) return undefined;
  if (text.startsWith('[')) {
    const [, inner, port] = BRACKETED.exec(text) ?? [];
    if (!inner?.includes(':')) return undefined; // brackets are for IPv6 alone
    return port === undefined || isPort(port) ? parseAddress(inner) : undefined;
  }
  // One colon parts IPv4 and port; an IPv6 address without brackets has two at least.
  const colon = text.indexOf(':');
  if (colon < 0 || text.includes(':', colon + 1)) return parseAddress(text);
  return isPort(text.slice(colon + 1)) ? parseAddress(text.slice(0, colon)) : undefined;
}

/** 0–65535 in plain decimal: no sign, no leading zero. */
export function isPort(text: string): boolean {
  return PORT.test(text) && Number(text) <= 65_535;
}
