import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Address,
  addressFrom,
  bitsOf,
  contains,
  formatAddress,
  formatRange,
  integerOf,
  parseRange,
} from '../../src/address/index.ts';
import { address } from '../support/policy.ts';
import { compileRanges, type RangeEntry } from '../support/ranges.ts';

type Entry = RangeEntry<string>;

/** `text` lives for ever, `text until 5` until then. */
function entry(text: string): Entry {
  const [range = '', until] = text.split(' until ');
  const expiresAt = until === undefined ? Number.POSITIVE_INFINITY : Number(until);
  return { range: parseRange(range)!, rule: text, expiresAt };
}

const table = (...texts: string[]) => compileRanges(texts.map(entry));
const covering = (entries: readonly Entry[], at: Address, now: number) =>
  entries.filter(({ range, expiresAt }) => contains(range, at) && expiresAt > now);

describe('find', () => {
  it.each([
    ['203.0.112.255', undefined],
    ['203.0.113.0', '203.0.113.0/24'],
    ['203.0.113.255', '203.0.113.0/24'],
    ['203.0.114.0', undefined],
    ['::cb00:7100', undefined], // the same integer in the other family
    ['2001:db8::', '2001:db8::/32'],
    ['2001:db8:ffff:ffff:ffff:ffff:ffff:ffff', '2001:db8::/32'],
    ['2001:db7:ffff:ffff:ffff:ffff:ffff:ffff', undefined],
    ['2001:db9::', undefined],
  ])('%s: %s', (at, rule) => {
    expect(table('203.0.113.0/24', '2001:db8::/32').find(address(at), 0)).toBe(rule);
  });

  it.each([
    ['0.0.0.0/0', '0.0.0.0', '255.255.255.255'],
    ['::/0', '::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['255.255.255.255', '255.255.255.255', '255.255.255.255'],
  ])('%s holds its first and last address', (range, first, last) => {
    const compiled = table(range);
    expect(compiled.find(address(first), 0)).toBe(range);
    expect(compiled.find(address(last), 0)).toBe(range);
  });

  it('an empty table holds nothing', () => {
    expect(table().find(address('192.0.2.1'), 0)).toBeUndefined();
    expect(table().find(address('::'), 0)).toBeUndefined();
    expect(table().size).toBe(0);
  });

  it('of two that live as long, the narrower is named: it says more', () => {
    const compiled = table('10.0.0.0/8', '10.1.0.0/16', '10.1.2.0/24');
    expect(compiled.find(address('10.1.2.3'), 0)).toBe('10.1.2.0/24');
    expect(compiled.find(address('10.1.3.3'), 0)).toBe('10.1.0.0/16');
    expect(compiled.find(address('10.2.3.3'), 0)).toBe('10.0.0.0/8');
  });

  it('the longest-lived is named, and the shorter-lived hides no one', () => {
    const compiled = table('10.0.0.0/8', '10.1.2.0/24 until 5', '10.1.2.3 until 9');
    for (const now of [0, 5, 9, 100])
      expect(compiled.find(address('10.1.2.3'), now)).toBe('10.0.0.0/8');
  });

  it('expires at the very moment, without recompilation', () => {
    const compiled = table('10.1.2.0/24 until 5', '10.1.2.3 until 9');
    const at = address('10.1.2.3');
    expect([0, 8, 9].map((now) => compiled.find(at, now))).toEqual([
      '10.1.2.3 until 9',
      '10.1.2.3 until 9',
      undefined,
    ]);
    expect(compiled.find(address('10.1.2.4'), 5)).toBeUndefined();
  });
});

/** Few values, so that ranges overlap, touch and repeat; both ends of the family among them. */
const anyEntry = (family: 4 | 6): fc.Arbitrary<Entry> => {
  const top = (1n << BigInt(bitsOf(family))) - 1n;
  const middle = 1n << BigInt(bitsOf(family) - 1); // where signed and unsigned part
  const word = 1n << 32n; // where one word of an IPv6 address passes into the next
  const near = (base: bigint) => fc.bigInt({ min: 0n, max: 12n }).map((offset) => base + offset);
  const value = fc
    .oneof(near(0n), near(middle - 6n), near(top - 12n), near(family === 6 ? word - 6n : 1_000n))
    .map((at) => (at > top ? top : at));
  return fc
    .record({
      ends: fc.tuple(value, value),
      expiresAt: fc.constantFrom(1, 2, 3, Number.POSITIVE_INFINITY),
    })
    .map(({ ends: [a, b], expiresAt }) => {
      const range = {
        first: addressFrom(family, a < b ? a : b),
        last: addressFrom(family, a < b ? b : a),
      };
      return { range, expiresAt, rule: `${formatRange(range)} until ${expiresAt}` };
    });
};
const anyEntries = fc.array(fc.oneof(anyEntry(4), anyEntry(6)), { maxLength: 14 });

/** Both ends of each range, one before and one behind. */
function edges(entries: readonly Entry[]): Address[] {
  return entries.flatMap(({ range: { first, last } }) => {
    const { family } = first;
    const top = (1n << BigInt(bitsOf(family))) - 1n;
    return [first, last]
      .flatMap((end) => [-1n, 0n, 1n].map((step) => integerOf(end) + step))
      .filter((at) => at >= 0n && at <= top)
      .map((at) => addressFrom(family, at));
  });
}

describe('against a brute-force oracle', () => {
  it('finds a rule exactly where a live one covers, and the longest-lived, narrowest one', () => {
    fc.assert(
      fc.property(anyEntries, (entries) => {
        const compiled = compileRanges(entries);
        const unique = entries.filter((e, i) => entries.findIndex((x) => x.rule === e.rule) === i);
        const byText = new Map(unique.map((e) => [e.rule, e]));
        for (const at of edges(entries)) {
          for (const now of [0, 1, 2, 3, 4]) {
            const live = covering(unique, at, now);
            const found = compiled.find(at, now);
            const rule = found === undefined ? undefined : byText.get(found)!;
            const best = live.every((other) => rule !== undefined && !better(other, rule));
            const sound = rule === undefined ? live.length === 0 : live.includes(rule) && best;
            // One expect() a look-up would take seconds.
            if (!sound) expect.fail(`${formatAddress(at)} at ${now}: found ${found}`);
          }
        }
      }),
      { numRuns: 400 },
    );
  });

  it('does not depend on the order of the rules', () => {
    fc.assert(
      fc.property(anyEntries, (entries) => {
        const forwards = compileRanges(entries);
        const backwards = compileRanges(entries.toReversed());
        for (const at of edges(entries)) expect(backwards.find(at, 1)).toBe(forwards.find(at, 1));
      }),
    );
  });

  it('a thousand random networks and three thousand addresses', () => {
    const number = (() => {
      let state = 42;
      return (below: number) => {
        state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
        return Math.floor((state / 2 ** 32) * below);
      };
    })();
    const entries = Array.from({ length: 1_000 }, () => {
      const base = number(2 ** 32);
      const length = 2 ** number(24);
      const last = Math.min(base + length, 2 ** 32 - 1);
      const range = { first: addressFrom(4, BigInt(base)), last: addressFrom(4, BigInt(last)) };
      return { range, rule: formatRange(range), expiresAt: Number.POSITIVE_INFINITY };
    });
    const compiled = compileRanges(entries);
    let hits = 0;
    for (let i = 0; i < 3_000; i++) {
      const at = addressFrom(4, BigInt(number(2 ** 32)));
      const found = compiled.find(at, 0) !== undefined;
      const covered = entries.some(({ range }) => contains(range, at));
      if (found !== covered) expect.fail(`${formatAddress(at)}: found ${found}`);
      if (found) hits++;
    }
    expect(hits).toBeGreaterThan(150);
  });
});

const better = (a: Entry, b: Entry) =>
  a.expiresAt > b.expiresAt || (a.expiresAt === b.expiresAt && width(a) < width(b));
const width = ({ range }: Entry) => integerOf(range.last) - integerOf(range.first);

describe('size', () => {
  it('counts disjoint segments', () => {
    expect(table('10.0.0.0/8').size).toBe(1);
    expect(table('10.0.0.0/8', '10.1.0.0/16').size).toBe(3);
    expect(table('10.0.0.0/8', '2001:db8::/32').size).toBe(2);
  });

  it('grows with the rules, not with their overlaps: nested ranges stay linear', () => {
    const nested = Array.from({ length: 5_000 }, (_, i) => ({
      range: { first: addressFrom(4, BigInt(i)), last: addressFrom(4, BigInt(20_000 - i)) },
      rule: i,
      expiresAt: i % 7,
    }));
    const compiled = compileRanges(nested);
    expect(compiled.size).toBeLessThan(10_000);
    expect(compiled.find(addressFrom(4, 10_000n), 5)).toBeTypeOf('number');
  });
});
