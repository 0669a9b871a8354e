import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Address,
  type AddressRange,
  addressFrom,
  addressFromBytes,
  bitsOf,
  bytesOf,
  cidr,
  cidrsOf,
  contains,
  formatRange,
  integerOf,
  parseAddress,
  parseRange,
  prefixOf,
  rangeBetween,
  single,
  sizeOf,
} from '../../src/address/index.ts';
import { Fault } from '../../src/errors.ts';

const read = (text: string): AddressRange => {
  const range = parseRange(text);
  if (!range) throw new Error(`no range: ${text}`);
  return range;
};

function codeOf(action: () => unknown): string | undefined {
  try {
    action();
  } catch (cause) {
    if (cause instanceof Fault) return cause.code;
    throw cause;
  }
  return undefined;
}

/** Ranges of one family, short ones and long ones. */
const anyRange = fc.constantFrom(4 as const, 6 as const).chain((family) => {
  const integer = fc.bigInt({ min: 0n, max: (1n << BigInt(bitsOf(family))) - 1n });
  const near = fc.tuple(integer, fc.bigInt({ min: 0n, max: 300n }));
  return fc
    .oneof(
      fc.tuple(integer, integer),
      near.map(([a, b]) => [a, a > b ? a - b : a + b] as [bigint, bigint]),
    )
    .map(([a, b]) => ({
      first: addressFrom(family, a < b ? a : b),
      last: addressFrom(family, a < b ? b : a),
    }));
});

describe('parseRange', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7', '192.0.2.7'],
    ['192.0.2.0/24', '192.0.2.0', '192.0.2.255'],
    ['192.0.2.7/32', '192.0.2.7', '192.0.2.7'],
    ['0.0.0.0/0', '0.0.0.0', '255.255.255.255'],
    ['128.0.0.0/1', '128.0.0.0', '255.255.255.255'],
    ['192.0.2.3-192.0.2.9', '192.0.2.3', '192.0.2.9'],
    ['192.0.2.3 - 192.0.2.9', '192.0.2.3', '192.0.2.9'],
    ['2001:db8::/32', '2001:db8::', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['::/0', '::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['2001:db8::7/128', '2001:db8::7', '2001:db8::7'],
    ['2001:db8::1-2001:db8::ffff', '2001:db8::1', '2001:db8::ffff'],
    ['::ffff:192.0.2.0/120', '192.0.2.0', '192.0.2.255'],
    ['::ffff:0:0/96', '0.0.0.0', '255.255.255.255'],
  ])('%s goes from %s to %s', (text, first, last) => {
    expect(read(text)).toEqual({ first: parseAddress(first), last: parseAddress(last) });
  });

  it.each([
    ['192.0.2.0/33', 'cidr-prefix'],
    ['192.0.2.0/', 'cidr-prefix'],
    ['192.0.2.0/-1', 'cidr-prefix'],
    ['192.0.2.0/024', 'cidr-prefix'],
    ['192.0.2.0/24/24', 'cidr-prefix'],
    ['192.0.2.0/255.255.255.0', 'cidr-prefix'],
    ['192.0.2.0/ 24', 'cidr-prefix'],
    ['2001:db8::/129', 'cidr-prefix'],
    ['192.0.2.7/24', 'cidr-host-bits'],
    ['2001:db8::7/64', 'cidr-host-bits'],
    ['::ffff:192.0.2.7/120', 'cidr-host-bits'],
    ['::ffff:0:0/95', 'cidr-mapped'],
    ['::/80', 'cidr-mapped'],
    ['::fffe:0:0/95', 'cidr-mapped'],
    ['192.0.2.9-192.0.2.3', 'range-order'],
    ['2001:db8::9-2001:db8::3', 'range-order'],
    ['192.0.2.3-2001:db8::3', 'range-families'],
  ])('%s is refused: %s', (text, code) => {
    expect(codeOf(() => parseRange(text))).toBe(code);
  });

  it('tells which network was meant', () => {
    expect(() => parseRange('192.0.2.7/24')).toThrow('did you mean 192.0.2.0/24?');
    expect(() => parseRange('2001:db8::7/64')).toThrow('did you mean 2001:db8::/64?');
  });

  it.each(['', '-', '/', '/24', 'US', 'AS64500', 'my-host.example.com', '010.0.0.1', '1.2.3/24'])(
    '%j may be something else',
    (text) => {
      expect(parseRange(text)).toBeUndefined();
    },
  );
});

describe('formatRange', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['192.0.2.0-192.0.2.255', '192.0.2.0/24'],
    ['192.0.2.1-192.0.2.255', '192.0.2.1-192.0.2.255'],
    ['192.0.2.1-192.0.2.2', '192.0.2.1-192.0.2.2'],
    ['0.0.0.0-255.255.255.255', '0.0.0.0/0'],
    ['2001:db8::-2001:db8::ffff', '2001:db8::/112'],
  ])('%s is written %s', (text, formatted) => {
    expect(formatRange(read(text))).toBe(formatted);
  });

  // A range of IPv6 that touches the IPv4-mapped block can't be written: its end reads as IPv4.
  const touchesMapped = ({ first, last }: AddressRange) =>
    [first, last].some((end) => end.family === 6 && integerOf(end) >> 32n === 0xffffn);

  it('writes what parseRange reads', () => {
    fc.assert(
      fc.property(anyRange, (range) => {
        fc.pre(!touchesMapped(range));
        expect(parseRange(formatRange(range))).toEqual(range);
      }),
    );
  });

  it('every network that parseRange reads comes back whole from the database', () => {
    fc.assert(
      fc.property(anyRange, fc.nat(128), ({ first }, bits) => {
        const text = formatRange(cidr(first, Math.min(bits, bitsOf(first.family))));
        if (codeOf(() => parseRange(text)) === 'cidr-mapped') return;
        const range = read(text);
        expect(addressFromBytes(bytesOf(range.first))).toEqual(range.first);
        expect(addressFromBytes(bytesOf(range.last))).toEqual(range.last);
      }),
    );
  });
});

describe('cidrsOf', () => {
  it.each([
    ['156.130.20.10-156.130.20.255', 6],
    ['192.0.2.0-192.0.2.255', 1],
    ['192.0.2.1-192.0.2.254', 14],
    ['0.0.0.0-255.255.255.255', 1],
    ['0.0.0.1-255.255.255.255', 32],
    ['::1-ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe', 254],
  ])('%s makes %d networks', (text, count) => {
    expect(cidrsOf(read(text))).toHaveLength(count);
  });

  it('names the networks, the lowest first', () => {
    expect(cidrsOf(read('156.130.20.10-156.130.20.255')).map(formatRange)).toEqual([
      '156.130.20.10/31',
      '156.130.20.12/30',
      '156.130.20.16/28',
      '156.130.20.32/27',
      '156.130.20.64/26',
      '156.130.20.128/25',
    ]);
  });

  it('is exact, in order, and the fewest there can be', () => {
    fc.assert(
      fc.property(anyRange, (range) => {
        const networks = cidrsOf(range);
        let next = integerOf(range.first);
        for (const network of networks) {
          expect(prefixOf(network)).toBeDefined();
          expect(integerOf(network.first)).toBe(next);
          next = integerOf(network.last) + 1n;
        }
        expect(next).toBe(integerOf(range.last) + 1n);
        // Fewest: none could be widened by one bit without leaving the range.
        for (const network of networks) {
          const bits = prefixOf(network)!;
          if (bits === 0) continue;
          const wider = cidr(network.first, bits - 1);
          expect(contains(range, wider.first) && contains(range, wider.last)).toBe(false);
        }
      }),
    );
  });
});

describe('contains, sizeOf, prefixOf', () => {
  it.each([
    ['192.0.2.0/24', '192.0.2.0', true],
    ['192.0.2.0/24', '192.0.2.255', true],
    ['192.0.2.0/24', '192.0.3.0', false],
    ['192.0.2.0/24', '192.0.1.255', false],
    ['0.0.0.0/0', '::', false],
    ['::/0', '192.0.2.1', false],
    ['::/0', '::1', true],
  ])('%s holds %s: %s', (range, address, held) => {
    expect(contains(read(range), parseAddress(address)!)).toBe(held);
  });

  it('agree with the integers', () => {
    fc.assert(
      fc.property(anyRange, anyRange, (range, { first: address }) => {
        const inside =
          range.first.family === address.family &&
          integerOf(range.first) <= integerOf(address) &&
          integerOf(address) <= integerOf(range.last);
        expect(contains(range, address)).toBe(inside);
        expect(cidrsOf(range).reduce((sum, network) => sum + sizeOf(network), 0n)).toBe(
          sizeOf(range),
        );
      }),
    );
  });

  it('a network has its prefix, and the addresses that go with it', () => {
    fc.assert(
      fc.property(anyRange, fc.nat(128), ({ first }, length) => {
        const bits = Math.min(length, bitsOf(first.family));
        const network = cidr(first, bits);
        expect(prefixOf(network)).toBe(bits);
        expect(sizeOf(network)).toBe(1n << BigInt(bitsOf(first.family) - bits));
        expect(contains(network, first)).toBe(true);
      }),
    );
    expect(prefixOf(read('192.0.2.0-192.0.2.2'))).toBeUndefined();
    expect(prefixOf(read('192.0.2.1-192.0.2.2'))).toBeUndefined();
    expect(prefixOf(read('2001:db8::-2001:db8:0:1::'))).toBeUndefined();
    expect(prefixOf(read('2001:db8:0:1::-2001:db8:0:2:ffff:ffff:ffff:ffff'))).toBeUndefined();
  });

  it('what has a prefix has as many addresses as it says, and begins at a multiple of them', () => {
    const network = fc.constantFrom(4 as const, 6 as const).chain((family) => {
      const most = bitsOf(family);
      const step = fc.constantFrom(-1n, 0n, 0n, 1n); // a network, or one that misses it by one
      return fc
        .tuple(fc.nat(most), fc.bigInt({ min: 0n, max: 1n << 140n }), step, step)
        .map(([bits, at, before, behind]) => {
          const size = 1n << BigInt(most - bits);
          const first = (at % (1n << BigInt(bits))) * size;
          const fits = (end: bigint) => (end < 0n || end >> BigInt(most) ? first : end);
          const ends = [fits(first + before), fits(first + size - 1n + behind)];
          return rangeBetween(
            ...(ends.sort((a, b) => (a < b ? -1 : 1)).map((end) => addressFrom(family, end)) as [
              Address,
              Address,
            ]),
          );
        });
    });
    fc.assert(
      fc.property(network, (range) => {
        const size = sizeOf(range);
        const bits = size.toString(2).length - 1;
        const exact = 1n << BigInt(bits) === size && integerOf(range.first) % size === 0n;
        expect(prefixOf(range)).toBe(exact ? bitsOf(range.first.family) - bits : undefined);
      }),
      { numRuns: 1_000 },
    );
  });

  it('a single address is the smallest range', () => {
    const address = parseAddress('2001:db8::7')!;
    expect(rangeBetween(address, address)).toEqual(single(address));
    expect(sizeOf(single(address))).toBe(1n);
  });
});
