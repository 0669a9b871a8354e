import { type AddressRange, parseRange } from '../address/index.ts';

/**
 * Sources that no packet from the Internet can have. Not here: `fe80::/10` and `::`, with which
 * neighbours find each other on every IPv6 link.
 */
export const BOGONS: readonly AddressRange[] = [
  '0.0.0.0/8', // this network, RFC 1122 section 3.2.1.3
  '10.0.0.0/8', // RFC 1918
  '100.64.0.0/10', // shared by providers' customers, RFC 6598
  '127.0.0.0/8', // loopback
  '169.254.0.0/16', // link-local, RFC 3927
  '172.16.0.0/12',
  '192.0.0.0/24', // RFC 6890
  '192.0.2.0/24', // documentation, RFC 5737
  '192.168.0.0/16',
  '198.18.0.0/15', // benchmarks, RFC 2544
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, RFC 1112 section 4; broadcast
  '100::/64', // discard, RFC 6666
  '2001:2::/48', // benchmarks, RFC 5180
  '2001:db8::/32', // documentation, RFC 3849
  '3fff::/20', // documentation, RFC 9637
  'fc00::/7', // unique local, RFC 4193
  'fec0::/10', // site-local of old, RFC 3879
  'ff00::/8', // multicast
].map((text) => parseRange(text)!);
