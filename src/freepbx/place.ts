import { type AddressRange, parseAddress, single } from '../address/index.ts';
import { network } from '../guard/inventory-place.ts';
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

function parseNetwork(text: string): AddressRange | undefined {
  const [base = '', mask = '', ...more] = text.split('/');
  const address = parseAddress(base);
  if (!address || more.length > 0) return undefined;
  // A mask in dots is one of IPv4.
  return address.family === 6 && mask.includes('.') ? undefined : network(address, mask);
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
