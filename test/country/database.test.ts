import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { type CountryResponse, Reader } from 'maxmind';
import { describe, expect, it } from 'vitest';
import { cidr, formatAddress, ipv4, ipv6, parseAddress } from '../../src/address/index.ts';
import {
  type CountryDatabase,
  countryDatabase,
  operatorDatabase,
} from '../../src/country/database.ts';
import { writeMmdb } from '../../src/country/mmdb-writer.ts';
import { Fault } from '../../src/errors.ts';
import { countryFile, network } from '../support/mmdb.ts';
import { hasMaxmindData, maxmindFile } from '../support/shared-data.ts';

const at = (database: CountryDatabase, text: string) => database.lookup(parseAddress(text)!);

function faultOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof Fault) return error.code;
    throw error;
  }
  return 'none';
}

describe('a country database', () => {
  const options = { type: 'Test', description: 'test', builtAt: new Date(0) };
  const withRecord = (
    data: Parameters<typeof writeMmdb>[0] extends Iterable<infer N> ? N : never,
  ) =>
    countryDatabase(
      writeMmdb([data, { ...network('198.51.100.0/24'), data: { country_code: 'NZ' } }], options),
      'test',
    );

  it('has country.iso_code, as GeoLite2 and DB-IP', () => {
    const database = countryDatabase(countryFile({ '192.0.2.0/24': 'SE' }), 'test');
    expect(at(database, '192.0.2.200')).toBe('SE');
    expect(at(database, '192.0.3.0')).toBeUndefined();
  });

  it('or a top-level country_code', () => {
    const database = withRecord({ ...network('192.0.2.0/24'), data: { country_code: 'SE' } });
    expect(at(database, '192.0.2.200')).toBe('SE');
  });

  it.each([
    ['no country at all', { continent: { code: 'EU' } }],
    ['only a registered country', { registered_country: { iso_code: 'US' } }],
    [
      'an empty country beside a registered one',
      { country: {}, registered_country: { iso_code: 'US' } },
    ],
    ['small letters', { country_code: 'se' }],
    ['three letters', { country_code: 'SWE' }],
    ['text that is no code', { country_code: '--' }],
    ['a number', { country_code: 46 }],
    ['a country that is no map', { country: 'SE' }],
    ['a code that is a list', { country: { iso_code: ['SE'] } }],
  ])('answers nothing for %s', (_, data) => {
    expect(at(withRecord({ ...network('192.0.2.0/24'), data }), '192.0.2.1')).toBeUndefined();
  });

  it('passes on codes that are no country: what they match is not its business', () => {
    const database = withRecord({ ...network('192.0.2.0/24'), data: { country_code: 'EU' } });
    expect(at(database, '192.0.2.1')).toBe('EU');
  });

  it('treats IPv4-mapped IPv6 as IPv4', () => {
    const database = countryDatabase(countryFile({ '192.0.2.0/24': 'SE' }), 'test');
    expect(at(database, '::ffff:192.0.2.1')).toBe('SE');
  });

  it('answers nothing for IPv6 where the file holds IPv4 alone', () => {
    const file = countryFile({ '0.0.0.0/0': 'SE' }, { ipVersion: 4 });
    expect(at(countryDatabase(file, 'test'), '192.0.2.1')).toBe('SE');
    expect(at(countryDatabase(file, 'test'), '2001:db8::1')).toBeUndefined();
  });

  it('tells what it is', () => {
    const builtAt = new Date('2026-03-01T00:00:00Z');
    const file = countryFile({ '192.0.2.0/24': 'SE' }, { builtAt });
    expect(countryDatabase(file, '/x/country.mmdb').facts).toEqual({
      path: '/x/country.mmdb',
      type: 'Test-Country',
      description: 'made by a test',
      builtAt,
      ipVersion: 6,
      nodes: 120,
    });
  });
});

describe('a network operator database', () => {
  const file = (data: Parameters<typeof writeMmdb>[0] extends Iterable<infer N> ? N : never) =>
    operatorDatabase(
      writeMmdb([data, { ...network('198.51.100.0/24'), data: { asn: 64_511 } }], {
        type: 'Test-ASN',
        description: 'test',
        builtAt: new Date(0),
      }),
      'test',
    );

  it.each([
    [
      'autonomous_system_number, as GeoLite2-ASN and DB-IP',
      { autonomous_system_number: 64_500 },
      64_500,
    ],
    ['a top-level asn', { asn: 64_500 }, 64_500],
    ['the highest number', { asn: 0xffff_ffff }, 0xffff_ffff],
    ['AS 0', { asn: 0 }, undefined],
    ['text', { asn: '64500' }, undefined],
    ['a number too large', { asn: 2n ** 40n }, undefined],
    ['none', { organization: 'x' }, undefined],
  ])('%s', (_, data, asn) => {
    const database = file({ ...network('192.0.2.0/24'), data });
    expect(database.lookup(parseAddress('192.0.2.1')!)).toBe(asn);
  });
});

describe('what is no country database', () => {
  const good = countryFile({ '192.0.2.0/24': 'SE' });
  it.each([
    ['an empty file', Buffer.alloc(0), 'country-file-not'],
    ['text', Buffer.from('<html>404</html>'.repeat(1_000)), 'country-file-not'],
    ['the beginning of one', good.subarray(0, 300), 'country-file-not'],
    ['one without its metadata', good.subarray(0, good.length - 60), 'country-file-damaged'],
    [
      'one that lost its middle',
      Buffer.concat([good.subarray(0, 100), good.subarray(-250)]),
      'country-file-damaged',
    ],
    ['one with no networks', countryFile({}), 'country-file-kind'],
    [
      'an AS database',
      writeMmdb([{ ...network('192.0.2.0/24'), data: { asn: 64_500 } }], {
        type: 'ASN',
        description: '',
        builtAt: new Date(0),
      }),
      'country-file-kind',
    ],
  ])('%s is refused', (_, bytes, code) => {
    expect(faultOf(() => countryDatabase(bytes, '/x/country.mmdb'))).toBe(code);
  });

  it('and the message names the file', () => {
    expect(() => countryDatabase(Buffer.alloc(9), '/x/country.mmdb')).toThrow('/x/country.mmdb');
  });
});

describe.skipIf(!hasMaxmindData)('the MaxMind-DB test databases', () => {
  const bytes = () => readFileSync(maxmindFile('GeoLite2-Country-Test.mmdb'));

  it.each([
    ['81.2.69.142', 'GB'],
    ['2.125.160.216', 'GB'],
    ['89.160.20.112', 'SE'],
    ['67.43.156.1', 'BT'],
    ['202.196.224.1', 'PH'],
    ['2001:218::1', 'JP'],
    ['71.160.223.1', undefined],
    ['::ffff:81.2.69.142', 'GB'],
  ])('%s → %s', (text, code) => {
    expect(at(countryDatabase(bytes(), 'test'), text)).toBe(code);
  });

  it('every network of GeoLite2-Country-Test.json, at both its ends', () => {
    const database = countryDatabase(bytes(), 'test');
    const known = JSON.parse(
      readFileSync(maxmindFile('GeoLite2-Country-Test.json'), 'utf8'),
    ) as Record<string, { country?: { iso_code: string } }>[];
    let tried = 0;
    for (const [text, data] of known.flatMap((one) => Object.entries(one))) {
      // Written with bits behind the prefix here and there; more specific ones may lie within.
      const [base, bits] = text.split('/');
      const range = cidr(parseAddress(base!)!, Number(bits));
      for (const address of [range.first, range.last]) {
        expect([text, database.lookup(address)]).toEqual([text, data.country?.iso_code]);
        tried++;
      }
    }
    expect(tried).toBeGreaterThan(400);
  });

  it('every operator of GeoLite2-ASN-Test.json', () => {
    const database = operatorDatabase(readFileSync(maxmindFile('GeoLite2-ASN-Test.mmdb')), 'test');
    const known = JSON.parse(readFileSync(maxmindFile('GeoLite2-ASN-Test.json'), 'utf8')) as Record<
      string,
      { autonomous_system_number: number }
    >[];
    for (const [text, data] of known.flatMap((one) => Object.entries(one))) {
      const [base, bits] = text.split('/');
      const range = cidr(parseAddress(base!)!, Number(bits));
      expect([text, database.lookup(range.first)]).toEqual([text, data.autonomous_system_number]);
    }
  });

  it('an ASN database is no country database', () => {
    const asn = readFileSync(maxmindFile('GeoLite2-ASN-Test.mmdb'));
    expect(faultOf(() => countryDatabase(asn, 'test'))).toBe('country-file-kind');
    expect(faultOf(() => operatorDatabase(bytes(), 'test'))).toBe('country-file-kind');
  });

  it('any address: the same record as maxmind finds', () => {
    const database = countryDatabase(bytes(), 'test');
    const reader = new Reader<CountryResponse>(bytes());
    const starts = [...database.networks()].map(({ first }) => first);
    const near = fc
      .tuple(fc.constantFrom(...starts), fc.nat(0xffff))
      .map(([address, more]) =>
        address.family === 4
          ? ipv4((address.value + more) >>> 0)
          : ipv6([...address.words.slice(0, 3), more] as unknown as [
              number,
              number,
              number,
              number,
            ]),
      );
    fc.assert(
      fc.property(near, (address) => {
        expect(database.lookup(address)).toBe(
          reader.get(formatAddress(address))?.country?.iso_code,
        );
      }),
      { numRuns: 2_000 },
    );
  });
});
