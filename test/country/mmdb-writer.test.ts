import fc from 'fast-check';
import { Reader } from 'maxmind';
import { describe, expect, it } from 'vitest';
import {
  type Address,
  addressFrom,
  bitsOf,
  cidr,
  compareAddresses,
  contains,
  formatAddress,
  integerOf,
  ipv4,
} from '../../src/address/index.ts';
import { openMmdb } from '../../src/country/mmdb.ts';
import { type MmdbValue, writeMmdb } from '../../src/country/mmdb-writer.ts';
import type { Network } from '../../src/country/search-tree.ts';
import { network } from '../support/mmdb.ts';

const OPTIONS = {
  type: 'Test',
  description: 'made by a test',
  builtAt: new Date(1_700_000_000_000),
};
const read = (bytes: Buffer, text: string) => new Reader<never>(bytes).get(text) as unknown;

describe('what the writer writes, maxmind reads', () => {
  it('values of every type', () => {
    const data = {
      text: 'Zürich',
      long: 'x'.repeat(300),
      longer: 'y'.repeat(70_000),
      zero: 0,
      most: 0xffff_ffff,
      big: 2n ** 40n,
      yes: true,
      no: false,
      list: ['a', 1, { deep: ['longer text'] }],
      map: Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`key ${i}`, i])),
    };
    const bytes = writeMmdb([{ ...network('192.0.2.0/24'), data }], OPTIONS);
    expect(read(bytes, '192.0.2.77')).toEqual(data);
    expect(read(bytes, '192.0.3.1')).toBeNull();
  });

  it('metadata', () => {
    const bytes = writeMmdb([{ ...network('192.0.2.0/24'), data: 'x' }], OPTIONS);
    const { metadata } = new Reader<never>(bytes);
    expect(metadata).toMatchObject({
      databaseType: 'Test',
      description: { en: 'made by a test' },
      buildEpoch: OPTIONS.builtAt,
      ipVersion: 6,
      recordSize: 24,
      languages: ['en'],
      binaryFormatMajorVersion: 2,
    });
  });

  it('pointers of every size', () => {
    // Each text is 400 bytes, so that the section grows past both pointer limits (2 KB, 526 KB).
    const texts = Array.from({ length: 1_500 }, (_, i) => `${i}`.padStart(400, '-'));
    const networks = texts.map((text, i) => ({ first: ipv4(i * 256), bits: 24, data: { text } }));
    const bytes = writeMmdb(networks, OPTIONS);
    const reader = new Reader<never>(bytes);
    texts.forEach((text, i) => {
      expect(reader.get(formatAddress(ipv4(i * 256)))).toEqual({ text });
    });
  });

  it('equal records once only', () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, i) => ({
        first: ipv4(i * 512),
        bits: 24,
        data: { country: { iso_code: 'US' } },
      }));
    const growth = (a: number, b: number) => {
      const size = (n: number) => {
        const bytes = writeMmdb(many(n), OPTIONS);
        return bytes.length - new Reader<never>(bytes).metadata.searchTreeSize;
      };
      return size(b) - size(a);
    };
    expect(growth(300, 600)).toBe(0);
  });

  it('aliases of IPv4, which maxmind follows', () => {
    const bytes = writeMmdb([{ ...network('81.2.69.0/24'), data: 'here' }], {
      ...OPTIONS,
      aliases: true,
    });
    expect(read(bytes, '::ffff:5102:4501')).toBe('here');
    expect(read(bytes, '2002:5102:4501::1')).toBe('here');
    expect(read(bytes, '2001:0:5102:4501::1')).toBe('here');
  });
});

describe('networks that nest', () => {
  const wide = { ...network('10.0.0.0/8'), data: 'wide' };
  const narrow = { ...network('10.1.0.0/16'), data: 'narrow' };
  it.each([[[wide, narrow]], [[narrow, wide]]])('the more specific wins, order %#', (networks) => {
    const bytes = writeMmdb(networks, OPTIONS);
    expect(read(bytes, '10.0.255.255')).toBe('wide');
    expect(read(bytes, '10.1.0.0')).toBe('narrow');
    expect(read(bytes, '10.1.255.255')).toBe('narrow');
    expect(read(bytes, '10.2.0.0')).toBe('wide');
    expect(read(bytes, '11.0.0.0')).toBeNull();
  });

  it('of two equal ones the later wins', () => {
    const again = { ...network('10.0.0.0/8'), data: 'again' };
    expect(read(writeMmdb([wide, again], OPTIONS), '10.0.0.1')).toBe('again');
  });
});

describe('limits', () => {
  it('refuses IPv6 in an IPv4 file', () => {
    const networks = [{ ...network('2001:db8::/32'), data: 'x' }];
    expect(() => writeMmdb(networks, { ...OPTIONS, ipVersion: 4 })).toThrow(RangeError);
  });

  it('refuses what the record size cannot hold', () => {
    const networks = [
      { ...network('1.0.0.0/8'), data: 'x'.repeat(2 ** 23) },
      { ...network('2.0.0.0/8'), data: 'y'.repeat(2 ** 23) },
      { ...network('3.0.0.0/8'), data: 'z' },
    ];
    expect(() => writeMmdb(networks, { ...OPTIONS, recordSize: 24 })).toThrow(RangeError);
    const bytes = writeMmdb(networks, OPTIONS);
    expect(new Reader<never>(bytes).metadata.recordSize).toBe(28);
    expect(read(bytes, '3.0.0.1')).toBe('z');
  });

  it('an empty file answers nothing', () => {
    expect(read(writeMmdb([], OPTIONS), '1.2.3.4')).toBeNull();
  });
});

/** Few leading bits differ, so that random networks meet, nest and touch. */
const words = fc.constantFrom(
  0,
  1,
  0x8000_0000,
  0xc000_0000,
  0xffff_ffff,
  0x0a00_0000,
  0x2001_0db8,
);
const anyV4 = fc.record({ first: words.map((w) => ipv4(w) as Address), bits: fc.nat(32) });
const anyV6 = fc
  .record({ a: words, b: words, c: words, d: words, bits: fc.nat(128) })
  .filter(({ a }) => a !== 0) // the part where IPv4 lives
  .map(
    ({ a, b, c, d, bits }): Network => ({
      first: { family: 6, words: [a, b, c, d] },
      bits: Math.max(1, bits),
    }),
  )
  // A prefix so short that it covers ::/96 would answer for IPv4, too.
  .filter(({ first, bits }) => compareAddresses(cidr(first, bits).first, ZERO) !== 0);
const ZERO: Address = { family: 6, words: [0, 0, 0, 0] };

describe('any set of networks', () => {
  const networks = (ipVersion: 4 | 6) =>
    fc.array(
      fc.record({
        network: ipVersion === 4 ? anyV4 : fc.oneof(anyV4, anyV6),
        data: fc.constantFrom<MmdbValue>('A', 'B', { country: { iso_code: 'US' } }, 7, [true]),
      }),
      { maxLength: 12 },
    );

  function oracle(all: { network: Network; data: MmdbValue }[], address: Address) {
    let best: { network: Network; data: MmdbValue } | undefined;
    for (const one of all) {
      if (one.network.first.family !== address.family) continue;
      if (!contains(cidr(one.network.first, one.network.bits), address)) continue;
      if (!best || one.network.bits >= best.network.bits) best = one;
    }
    return best?.data ?? null;
  }

  function neighbours({ first, bits }: Network): Address[] {
    const range = cidr(first, bits);
    const last = range.last;
    const beyond = (address: Address, by: bigint): Address => {
      const { family } = address;
      return addressFrom(family, BigInt.asUintN(bitsOf(family), integerOf(address) + by));
    };
    const around = [range.first, last, beyond(range.first, -1n), beyond(last, 1n), first];
    // Below ::/32 IPv4 lives; maxmind would answer for it.
    return around.filter((address) => address.family === 4 || address.words[0] !== 0);
  }

  const cases: [4 | 6, 24 | 28 | 32][] = [
    [4, 24],
    [4, 28],
    [6, 24],
    [6, 28],
    [6, 32],
  ];
  it.each(cases)(
    'IPv%i file, %i-bit records: maxmind and our tree agree with the oracle',
    (ipVersion, recordSize) => {
      fc.assert(
        fc.property(networks(ipVersion), (all) => {
          const bytes = writeMmdb(
            all.map(({ network: { first, bits }, data }) => ({ first, bits, data })),
            { ...OPTIONS, ipVersion, recordSize },
          );
          const reader = new Reader<never>(bytes);
          const { tree } = openMmdb(bytes, 'test');
          for (const address of all.flatMap(({ network }) => neighbours(network))) {
            const expected = oracle(all, address);
            expect(reader.get(formatAddress(address))).toEqual(expected);
            expect(tree.find(address) !== 0).toBe(expected !== null);
          }
        }),
        { numRuns: 200 },
      );
    },
  );

  it('bits of the address behind the prefix do not matter', () => {
    const bytes = writeMmdb([{ first: ipv4(0x0a01_0203), bits: 8, data: 'x' }], OPTIONS);
    expect(read(bytes, '10.255.255.255')).toBe('x');
  });
});

it('a hundred thousand networks: none is lost while the tree grows', () => {
  const networks = Array.from({ length: 100_000 }, (_, i) => ({
    first: ipv4(i * 512),
    bits: 24,
    data: i % 250,
  }));
  const reader = new Reader<never>(writeMmdb(networks, OPTIONS));
  const wrong = networks.filter(
    ({ first, data }) => (reader.get(formatAddress(first)) as unknown) !== data,
  );
  expect(wrong).toEqual([]);
});
