import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Address,
  addressFrom,
  bitsOf,
  cidr,
  contains,
  formatAddress,
  integerOf,
  ipv4,
  parseAddress,
} from '../../src/address/index.ts';
import { countryDatabase } from '../../src/country/database.ts';
import { writeMmdb } from '../../src/country/mmdb-writer.ts';
import { countNetworks, listNetworks } from '../../src/country/networks.ts';
import type { Network } from '../../src/country/search-tree.ts';
import { countryFile } from '../support/mmdb.ts';
import { hasMaxmindData, maxmindFile } from '../support/shared-data.ts';

const text = ({ first, bits }: Network) => `${formatAddress(first)}/${bits}`;
const list = async (bytes: Buffer, country?: string) =>
  (await listNetworks(countryDatabase(bytes, 'test'), country ? { country } : {})).map(text);

describe('the networks of a country', () => {
  const bytes = countryFile({
    '192.0.2.0/25': 'SE',
    '192.0.2.128/26': 'SE',
    '192.0.2.192/26': 'SE',
    '198.51.100.0/24': 'DE',
    '198.51.100.64/26': 'SE',
    '2001:db8::/33': 'SE',
    '2001:db8:8000::/33': 'SE',
    '2001:db9::/32': 'DE',
  });

  it('are the fewest that hold it, IPv4 first, in order', async () => {
    expect(await list(bytes, 'SE')).toEqual(['192.0.2.0/24', '198.51.100.64/26', '2001:db8::/32']);
    expect(await list(bytes, 'DE')).toEqual([
      '198.51.100.0/26',
      '198.51.100.128/25',
      '2001:db9::/32',
    ]);
  });

  it('or those of every country', async () => {
    const all = await listNetworks(countryDatabase(bytes, 'test'));
    expect(all.map((one) => `${one.country} ${text(one)}`)).toEqual([
      'SE 192.0.2.0/24',
      'DE 198.51.100.0/26',
      'SE 198.51.100.64/26',
      'DE 198.51.100.128/25',
      'SE 2001:db8::/32',
      'DE 2001:db9::/32',
    ]);
  });

  it('are none for a country that is not there', async () => {
    expect(await list(bytes, 'NO')).toEqual([]);
  });

  it('neighbours that are no halves of one network stay apart', async () => {
    const file = countryFile({ '10.1.0.0/16': 'SE', '10.2.0.0/16': 'SE' });
    expect(await list(file, 'SE')).toEqual(['10.1.0.0/16', '10.2.0.0/16']);
  });

  it('can be everything', async () => {
    const everywhere = { '0.0.0.0/1': 'SE', '128.0.0.0/1': 'SE' };
    expect(await list(countryFile(everywhere, { ipVersion: 4 }), 'SE')).toEqual(['0.0.0.0/0']);
    expect(await list(countryFile({ ...everywhere, '8000::/1': 'SE' }), 'SE')).toEqual([
      '0.0.0.0/0',
      '8000::/1',
    ]);
  });

  it('list IPv4 once, however often the tree repeats it', async () => {
    const networks = { '192.0.2.0/24': 'SE', '2001:db8::/32': 'SE' };
    const plain = await list(countryFile(networks));
    expect(await list(countryFile(networks, { aliases: true }))).toEqual(plain);
  });

  it('tell how far they are, and let others have a turn', async () => {
    const networks = Array.from({ length: 20_000 }, (_, i) => ({
      first: ipv4(i * 512),
      bits: 24,
      data: { country_code: i % 2 === 0 ? 'SE' : 'DE' },
    }));
    const file = writeMmdb(networks, { type: 'T', description: '', builtAt: new Date() });
    const steps: number[] = [];
    let turns = 0;
    let listing = true;
    const others = (async () => {
      while (listing) {
        turns++;
        await new Promise(setImmediate);
      }
    })();
    const all = await listNetworks(countryDatabase(file, 'test'), {
      progress: (done) => steps.push(done),
    });
    listing = false;
    await others;
    expect(all).toHaveLength(20_000);
    expect(steps.length).toBeGreaterThan(5);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
    expect(steps.at(-1)).toBe(1);
    expect(turns).toBeGreaterThan(5);
  });
});

it('counting counts the networks as the file has them', async () => {
  const bytes = countryFile({ '10.0.0.0/9': 'SE', '10.128.0.0/9': 'SE', '2001:db8::/32': 'DE' });
  expect(await countNetworks(countryDatabase(bytes, 'test'))).toEqual({
    networks: 3,
    each: new Map([
      ['SE', 2],
      ['DE', 1],
    ]),
  });
});

/** Parts of IPv6 in which a look-up finds IPv4's networks: its own place, 6to4 and Teredo. */
function showsIpv4(address: Address): boolean {
  if (address.family === 4) return false;
  const [word] = address.words;
  return word === 0 || word >>> 16 === 0x2002 || word === 0x2001_0000;
}

describe('any set of networks', () => {
  const words = fc.constantFrom(0, 0x8000_0000, 0xffff_ffff, 0x0a00_0000, 0x2001_0db8);
  const anyV4 = fc.record({
    first: words.map((w): Address => ipv4(w)),
    bits: fc.integer({ min: 1, max: 32 }),
  });
  const anyV6 = fc.record({
    first: fc
      .tuple(fc.constantFrom(0x2001_0db8, 0x2a00_0000, 0x8000_0000), words, words, words)
      .map((w): Address => ({ family: 6, words: w })),
    bits: fc.integer({ min: 3, max: 128 }),
  });
  const entry = fc.record({
    network: fc.oneof(anyV4, anyV6),
    code: fc.constantFrom('SE', 'DE'),
  });

  it('listed: agrees with look-ups, never overlaps, and could not be fewer', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { minLength: 1, maxLength: 15 }), async (entries) => {
        const bytes = writeMmdb(
          entries.map(({ network, code }) => ({ ...network, data: { country_code: code } })),
          { type: 'T', description: '', builtAt: new Date(0), aliases: true },
        );
        const database = countryDatabase(bytes, 'test');
        const all = await listNetworks(database);
        let end: { family: 4 | 6; last: bigint } | undefined;
        for (const { first, bits, country } of all) {
          const range = cidr(first, bits);
          expect(range.first).toEqual(first);
          expect(database.lookup(range.first)).toBe(country);
          expect(database.lookup(range.last)).toBe(country);
          if (end?.family === first.family) {
            expect(integerOf(first)).toBeGreaterThan(end.last);
          }
          end = { family: first.family, last: integerOf(range.last) };
        }
        // What lies at the edges of every network is listed exactly when it is found.
        for (const { network } of entries) {
          const range = cidr(network.first, network.bits);
          const beyond = (address: Address, by: bigint) =>
            addressFrom(
              address.family,
              BigInt.asUintN(bitsOf(address.family), integerOf(address) + by),
            );
          for (const address of [
            range.first,
            range.last,
            beyond(range.first, -1n),
            beyond(range.last, 1n),
          ]) {
            if (showsIpv4(address)) continue;
            const holding = all.filter(({ first, bits }) => {
              if (first.family !== address.family) return false;
              const shift = BigInt(bitsOf(first.family) - bits);
              return integerOf(first) >> shift === integerOf(address) >> shift;
            });
            expect(holding.map(({ country }) => country)).toEqual(
              [database.lookup(address)].filter((code) => code !== undefined),
            );
          }
        }
        // No two are the halves of one network.
        const seen = new Set(all.map((one) => `${one.country} ${text(one)}`));
        for (const { first, bits, country } of all) {
          if (bits === 0) continue;
          const sibling = addressFrom(
            first.family,
            integerOf(first) ^ (1n << BigInt(bitsOf(first.family) - bits)),
          );
          expect(seen.has(`${country} ${text({ first: sibling, bits })}`)).toBe(false);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe.skipIf(!hasMaxmindData)('GeoLite2-Country-Test', () => {
  const bytes = () => readFileSync(maxmindFile('GeoLite2-Country-Test.mmdb'));

  it('lists Sweden', async () => {
    expect(await list(bytes(), 'SE')).toEqual(
      expect.arrayContaining(['89.160.20.112/28', '89.160.20.128/25']),
    );
  });

  it('holds each network of its source that has a country once, and no aliases', async () => {
    const all = await listNetworks(countryDatabase(bytes(), 'test'));
    const source = JSON.parse(
      readFileSync(maxmindFile('GeoLite2-Country-Test.json'), 'utf8'),
    ) as Record<string, { country?: { iso_code: string } }>[];
    for (const [cidrText, data] of source.flatMap((one) => Object.entries(one))) {
      if (!data.country) continue;
      const address = parseAddress(cidrText.split('/')[0]!)!;
      const holding = all.filter(({ first, bits }) => contains(cidr(first, bits), address));
      const countries = holding.map(({ country }) => country);
      expect([cidrText, countries]).toEqual([cidrText, [data.country.iso_code]]);
    }
    const sixToFour = all.filter(
      ({ first }) => first.family === 6 && first.words[0] >>> 16 === 0x2002,
    );
    expect(sixToFour).toEqual([]);
  });
});
