import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joined, outside, type Span, sizeOfSpans } from '../../src/forerunner/spans.ts';

const MOST = 60;
const spans = fc.array(
  fc
    .tuple(fc.integer({ min: 0, max: MOST }), fc.integer({ min: 0, max: MOST }))
    .map(([a, b]) => ({ first: Math.min(a, b), last: Math.max(a, b) })),
  { maxLength: 12 },
);
const numbers = (of: readonly Span[]) =>
  new Set(
    of.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, i) => first + i)),
  );

describe('spans', () => {
  it('joined are the same addresses, in order and apart', () => {
    fc.assert(
      fc.property(spans, (some) => {
        const result = joined(some);
        expect(numbers(result)).toEqual(numbers(some));
        expect(sizeOfSpans(result)).toBe(numbers(some).size);
        for (const [i, { first }] of result.entries()) {
          if (i > 0) expect(first).toBeGreaterThan(result[i - 1]!.last + 1);
        }
      }),
    );
  });

  it('outside of others are what the others have not', () => {
    fc.assert(
      fc.property(spans, spans, (some, others) => {
        const result = outside(joined(some), joined(others));
        const without = numbers(others);
        expect([...numbers(result)]).toEqual(
          [...numbers(joined(some))].filter((number) => !without.has(number)),
        );
        expect(result).toEqual(joined(result));
      }),
    );
  });

  it('reach to both ends of IPv4', () => {
    const all = [{ first: 0, last: 0xffff_ffff }];
    expect(
      joined([
        { first: 0x8000_0000, last: 0xffff_ffff },
        { first: 0, last: 0x7fff_ffff },
      ]),
    ).toEqual(all);
    expect(
      outside(all, [
        { first: 0, last: 0 },
        { first: 0xffff_ffff, last: 0xffff_ffff },
      ]),
    ).toEqual([{ first: 1, last: 0xffff_fffe }]);
    expect(outside(all, all)).toEqual([]);
  });
});
