import { parseRange, prefixOf } from '../../src/address/index.ts';
import { type MmdbOptions, writeMmdb } from '../../src/country/mmdb-writer.ts';
import type { Network } from '../../src/country/search-tree.ts';

/** `192.0.2.0/24` or a single address as a network. */
export function network(text: string): Network {
  const range = parseRange(text);
  const bits = range && prefixOf(range);
  if (!range || bits === undefined) throw new TypeError(`${text} is no network`);
  return { first: range.first, bits };
}

/** The bytes of a country database in GeoLite2's shape: network → country code. */
export function countryFile(
  countries: Readonly<Record<string, string>>,
  options: Partial<MmdbOptions> = {},
): Buffer {
  const networks = Object.entries(countries).map(([text, code]) => ({
    ...network(text),
    data: { country: { iso_code: code } },
  }));
  return writeMmdb(networks, {
    type: 'Test-Country',
    description: 'made by a test',
    builtAt: new Date('2026-01-01T00:00:00Z'),
    ...options,
  });
}
