// A country database as large as a full one (500 000 networks, IPv4 and IPv6), by our own writer.
// Types: country-file.d.mts.
import { writeFileSync } from 'node:fs';
import { formatAddress, ipv4, ipv6 } from '../../dist/address/index.js';
import { countryCodes } from '../../dist/country/index.js';
import { writeMmdb } from '../../dist/country/mmdb-writer.js';

const NETWORKS = 500_000;
/** Every fifth network is the large country's. */
const LARGE = 5;

// Spread as real ones are: gaps between them, prefixes of several lengths.
const first4 = (i) => i * 16_384 + 4_096;
const first6 = (i) => [0x2000_0000 + (i >>> 3) * 3, (i & 7) << 29, 0, 0].map((word) => word >>> 0);

export function writeFullCountryFile(path, large) {
  const codes = [...countryCodes()].filter((code) => code !== large);
  const record = (code) => ({ country: { iso_code: code } });
  const data = codes.map(record);
  const ofLarge = large && record(large);
  const dataOf = (i, step) =>
    ofLarge && i % LARGE === 0 ? ofLarge : data[(i * step) % data.length];
  const half = NETWORKS / 2;
  function* networks() {
    for (let i = 0; i < half; i++) {
      yield { first: ipv4(first4(i)), bits: 20 + (i % 4), data: dataOf(i, 7) };
    }
    for (let i = 0; i < half; i++) yield { first: ipv6(first6(i)), bits: 36, data: dataOf(i, 11) };
  }
  writeFileSync(
    path,
    writeMmdb(networks(), {
      type: 'GeoLite2-Country',
      description: 'for measuring',
      builtAt: new Date('2026-01-01T00:00:00Z'),
    }),
  );
}

/** Behind the networks of special use, and before 10.0.0.0/8. */
const PUBLIC = 5_000;

export function addressOfLarge(i, family) {
  return addressIn(PUBLIC + i * LARGE, family);
}

export function addressOfOthers(i, family) {
  return addressIn(PUBLIC + i * LARGE + 1, family);
}

function addressIn(network, family) {
  if (family === 4) return formatAddress(ipv4(first4(network) + 1));
  const words = first6(network);
  return formatAddress(ipv6([words[0], words[1], 0, 1]));
}
