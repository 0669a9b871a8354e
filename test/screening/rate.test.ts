import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countedSource } from '../../src/address/index.ts';
import { createCallRate } from '../../src/screening/index.ts';
import { address } from '../support/policy.ts';

const LIMITS = { calls: 20, milliseconds: 5_000 };

function times(n: number, what: (i: number) => boolean): boolean[] {
  return Array.from({ length: n }, (_, i) => what(i));
}

describe('20 calls in 5 s', () => {
  it('the 21st call within 5 s is above the rate, the first 20 are not', () => {
    const rate = createCallRate(LIMITS);
    const over = times(21, (i) => rate.count('192.0.2.1', i));
    expect(over).toEqual([...new Array(20).fill(false), true]);
  });

  it.each([
    [4_999, true],
    [5_000, false],
    [5_001, false],
  ])('the 21st call %i ms after the first: above the rate %s', (at, above) => {
    const rate = createCallRate(LIMITS);
    for (let i = 0; i < 20; i++) rate.count('192.0.2.1', 0);
    expect(rate.count('192.0.2.1', at)).toBe(above);
  });

  it('four calls a second for an hour are within the rate', () => {
    const rate = createCallRate(LIMITS);
    expect(times(4 * 3_600, (i) => rate.count('192.0.2.1', i * 250))).not.toContain(true);
  });

  it('five calls a second are above it from the 21st on: refused calls count too', () => {
    const rate = createCallRate(LIMITS);
    const over = times(100, (i) => rate.count('192.0.2.1', i * 200));
    expect(over).toEqual(times(100, (i) => i >= 20));
  });

  it('each source has a rate of its own', () => {
    const rate = createCallRate(LIMITS);
    for (let i = 0; i < 30; i++) rate.count('192.0.2.1', 0);
    expect(rate.count('192.0.2.2', 0)).toBe(false);
    expect(rate.count('192.0.2.1', 0)).toBe(true);
  });

  it('a limit of 0 calls turns the check off', () => {
    const rate = createCallRate({ calls: 0, milliseconds: 5_000 });
    expect(times(100, () => rate.count('192.0.2.1', 0))).not.toContain(true);
  });

  it('a limit of 1 call refuses the second', () => {
    const rate = createCallRate({ calls: 1, milliseconds: 5_000 });
    expect([0, 4_999, 9_998, 14_998].map((at) => rate.count('a', at))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });
});

it('counts exactly what lies in the sliding window', () => {
  const step = fc.record({ source: fc.constantFrom('a', 'b', 'c'), wait: fc.nat({ max: 40 }) });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 100 }),
      fc.array(step, { maxLength: 80 }),
      (calls, milliseconds, steps) => {
        const rate = createCallRate({ calls, milliseconds });
        const seen: { source: string; at: number }[] = [];
        let now = 0;
        for (const { source, wait } of steps) {
          now += wait;
          seen.push({ source, at: now });
          const inWindow = seen.filter((s) => s.source === source && now - s.at < milliseconds);
          expect(rate.count(source, now)).toBe(inWindow.length > calls);
        }
      },
    ),
    { numRuns: 300 },
  );
});

describe('a source', () => {
  it('is a whole IPv6 /64, whichever of its addresses calls', () => {
    const rate = createCallRate(LIMITS);
    const over = times(21, (i) =>
      rate.count(countedSource(address(`2001:db8:0:1::${(i * 1_999).toString(16)}`)), 0),
    );
    expect(over.at(-1)).toBe(true);
    expect(rate.count(countedSource(address('2001:db8:0:2::1')), 0)).toBe(false);
  });

  it('is one IPv4 address, also where a dual-stack socket maps it', () => {
    const rate = createCallRate({ calls: 1, milliseconds: 5_000 });
    rate.count(countedSource(address('192.0.2.1')), 0);
    expect(rate.count(countedSource(address('::ffff:192.0.2.1')), 0)).toBe(true);
    expect(rate.count(countedSource(address('192.0.2.2')), 0)).toBe(false);
  });
});

describe('under an attack from many sources', () => {
  it('forgets those that called longest ago, and keeps those that call on', () => {
    const rate = createCallRate({ calls: 1, milliseconds: 5_000, sources: 200 });
    rate.count('steady', 0);
    rate.count('silent', 0);
    for (let i = 0; i < 1_000; i++) {
      rate.count(`one of many ${i}`, 0);
      if (i % 50 === 0) expect(rate.count('steady', 0)).toBe(true);
    }
    expect(rate.count('silent', 0)).toBe(false);
  });

  it('remembers at least the last half of its sources', () => {
    const rate = createCallRate({ calls: 1, milliseconds: 5_000, sources: 200 });
    for (let i = 0; i < 1_000; i++) rate.count(`${i}`, 0);
    for (let i = 999; i >= 900; i--) expect(rate.count(`${i}`, 0), `${i}`).toBe(true);
  });

  it('holds no more than 16 MB after a million of them', () => {
    const collect = garbageCollector();
    const rate = createCallRate(LIMITS);
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < 1_000_000; i++)
      rate.count(`10.${i >>> 16}.${(i >>> 8) & 255}.${i & 255}`, i);
    collect();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(16 * 1024 * 1024);
    // It is still at work, and the last sources are still known.
    const known = '10.15.66.63'; // 999 999
    for (let i = 0; i < 19; i++) expect(rate.count(known, 1_000_000)).toBe(false);
    expect(rate.count(known, 1_000_000)).toBe(true);
  });
});

function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}
