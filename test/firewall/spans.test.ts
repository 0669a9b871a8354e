import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Address,
  type AddressRange,
  addressFrom,
  formatRange,
  integerOf,
  parseRange,
} from '../../src/address/index.ts';
import {
  countSpans,
  packRanges,
  sameEnds,
  spanTexts,
  unite,
  unpackRanges,
} from '../../src/firewall/spans.ts';

const ranges = (...texts: string[]) => texts.map((text) => parseRange(text)!);
const texts = (packed: ReturnType<typeof packRanges>) => [
  ...[...spanTexts(packed.v4, 4)].flat(),
  ...[...spanTexts(packed.v6, 6)].flat(),
];

describe('packed ranges', () => {
  it.each<[string, string[], string[]]>([
    ['nothing', [], []],
    ['two that touch', ['192.0.2.0/25', '192.0.2.128/25'], ['192.0.2.0/24']],
    ['in any order', ['192.0.2.9', '192.0.2.1'], ['192.0.2.1', '192.0.2.9']],
    ['one in the other', ['10.0.0.0/8', '10.1.2.3', '11.0.0.0'], ['10.0.0.0-11.0.0.0']],
    ['twice the same', ['2001:db8::/32', '2001:db8::/32'], ['2001:db8::/32']],
    [
      'a carry over all words',
      ['2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff', '2001:db9::'],
      ['2001:db8::-2001:db9::'],
    ],
    ['everything', ['0.0.0.0/1', '128.0.0.0/1', '::/0'], ['0.0.0.0/0', '::/0']],
    ['the ends of all', ['255.255.255.255', '0.0.0.0'], ['0.0.0.0', '255.255.255.255']],
    ['both families', ['::1', '127.0.0.1'], ['127.0.0.1', '::1']],
  ])('%s', (_, given, expected) => {
    expect(texts(packRanges(ranges(...given)))).toEqual(expected);
  });

  it('are as text in pieces what they are at once', () => {
    const many = Array.from({ length: 2_500 }, (_, i) => parseRange(`10.${i >> 8}.${i & 255}.1`)!);
    const packed = packRanges(many);
    expect([...spanTexts(packed.v4, 4)].map((chunk) => chunk.length)).toEqual([1_000, 1_000, 500]);
    expect(texts(packed)).toEqual(many.map(formatRange));
    expect(countSpans(packed)).toBe(2_500);
  });

  it('differ where anything does', () => {
    const one = packRanges(ranges('192.0.2.1', '192.0.2.3'));
    expect(sameEnds(one.v4, packRanges(ranges('192.0.2.3', '192.0.2.1')).v4)).toBe(true);
    expect(sameEnds(one.v4, packRanges(ranges('192.0.2.1', '192.0.2.4')).v4)).toBe(false);
    expect(sameEnds(one.v4, packRanges(ranges('192.0.2.1')).v4)).toBe(false);
  });
});

/** Small neighbourhoods at the ends, and across a 32-bit word, so that ranges meet. */
const anyAddress = (family: 4 | 6): fc.Arbitrary<Address> => {
  const bases =
    family === 4 ? [0n, 0xc000_0200n, 0xffff_ffdfn] : [0n, 0x2001n << 112n, (5n << 64n) - 16n];
  return fc
    .tuple(fc.constantFrom(...bases), fc.integer({ min: 0, max: 31 }))
    .map(([base, offset]) => addressFrom(family, base + BigInt(offset)));
};
const anyRange = fc.constantFrom<4 | 6>(4, 6).chain((family) =>
  fc.tuple(anyAddress(family), anyAddress(family)).map(([a, b]): AddressRange => {
    return integerOf(a) <= integerOf(b) ? { first: a, last: b } : { first: b, last: a };
  }),
);
/** Short ones alone can be counted address by address. */
const shortRange = anyRange.filter(({ first, last }) => integerOf(last) - integerOf(first) < 64n);

function members(all: readonly AddressRange[]): Set<string> {
  const found = new Set<string>();
  for (const { first, last } of all) {
    for (let at = integerOf(first); at <= integerOf(last); at++) found.add(`${first.family} ${at}`);
  }
  return found;
}

describe('against brute force', () => {
  it('holds the same addresses, in the fewest disjoint ranges', () => {
    fc.assert(
      fc.property(fc.array(shortRange, { maxLength: 12 }), (given) => {
        const { v4, v6 } = unpackRanges(packRanges(given));
        const expected = members(given);
        expect(members([...v4, ...v6])).toEqual(expected);
        // As many ranges as there are members with no member before them.
        const starts = [...expected].filter((member) => {
          const [family, at] = member.split(' ');
          return !expected.has(`${family} ${BigInt(at!) - 1n}`);
        });
        expect(v4.length + v6.length).toBe(starts.length);
      }),
    );
  });

  it('unites as if all had been packed at once', () => {
    fc.assert(
      fc.property(fc.array(fc.array(anyRange, { maxLength: 6 }), { maxLength: 6 }), (lists) => {
        const { v4, v6 } = unite(lists.map(packRanges));
        const once = packRanges(lists.flat());
        expect([[...v4], [...v6]]).toEqual([[...once.v4], [...once.v6]]);
      }),
    );
  });
});
