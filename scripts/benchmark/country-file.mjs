// A country database as large as a full one (500 000 networks, IPv4 and IPv6), by our own writer.
import { writeFileSync } from 'node:fs';
import { ipv4, ipv6 } from '../../dist/address/index.js';
import { countryCodes } from '../../dist/country/index.js';
import { writeMmdb } from '../../dist/country/mmdb-writer.js';

const NETWORKS = 500_000;

export function writeFullCountryFile(path) {
  const codes = [...countryCodes()];
  const data = codes.map((code) => ({ country: { iso_code: code } }));
  const half = NETWORKS / 2;
  // Spread as real ones are: gaps between them, prefixes of several lengths.
  function* networks() {
    for (let i = 0; i < half; i++) {
      yield {
        first: ipv4(i * 16_384 + 4_096),
        bits: 20 + (i % 4),
        data: data[(i * 7) % data.length],
      };
    }
    for (let i = 0; i < half; i++) {
      const words = [0x2000_0000 + (i >>> 3) * 3, (i & 7) << 29, 0, 0].map((word) => word >>> 0);
      yield { first: ipv6(words), bits: 36, data: data[(i * 11) % data.length] };
    }
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
