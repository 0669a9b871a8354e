import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cidr, formatRange, ipv4, ipv6 } from '../../src/address/index.ts';
import { LEVELS } from '../../src/firewall/plan.ts';
import { versionUnderTest } from '../support/asterisk-lab.ts';
import { NO_OPTIONS, PORTS, planOf } from '../support/firewall-plan.ts';
import { openWorld } from '../support/netns-world.ts';
import { loadPlan, run } from '../support/probe-iptables.ts';

const word = fc.nat(0xffff_ffff);
const range4 = fc
  .tuple(word, fc.integer({ min: 0, max: 32 }))
  .map(([value, bits]) => cidr(ipv4(value), bits));
const range6 = fc
  .tuple(word, word, fc.integer({ min: 0, max: 128 }))
  .map(([a, b, bits]) => cidr(ipv6([0x2001_0000 | (a >>> 16), a, b, a ^ b]), bits))
  .filter(({ first }) => first.family === 6);
const networks = fc.array(fc.oneof(range4, range6).map(formatRange), { maxLength: 5 });
const port = fc.oneof(
  fc.integer({ min: 1, max: 65_535 }).map(String),
  fc
    .tuple(fc.integer({ min: 1, max: 30_000 }), fc.nat(30_000))
    .map(([first, more]) => `${first}-${first + more}`),
);
const ports = fc.array(port, { maxLength: 40 });
const text = fc.string({ unit: 'binary', minLength: 3, maxLength: 300 });

/** An object with the same keys. */
const each = <K extends string, T>(like: Readonly<Record<K, unknown>>, value: fc.Arbitrary<T>) =>
  fc.record(
    Object.fromEntries(Object.keys(like).map((key) => [key, value])) as {
      [key in K]: fc.Arbitrary<T>;
    },
  ) as fc.Arbitrary<Record<K, T>>;

const plan = fc.record({
  level: fc.constantFrom(...LEVELS),
  options: each(NO_OPTIONS, fc.boolean()),
  ports: each(PORTS, ports),
  trust: networks,
  deny: networks,
  permit: networks,
  own: networks,
  blocks: fc.array(
    fc.record({
      counted: fc.constantFrom('203.0.113.7', '198.51.100.1', '2001:db8::/64'),
      seconds: fc.option(fc.double({ min: -5, max: 1e9, noNaN: true }), { nil: undefined }),
    }),
  ),
  domains: fc.array(fc.oneof(fc.domain(), fc.ipV6()), { minLength: 1, maxLength: 3 }),
  scanners: fc.array(text, { minLength: 1, maxLength: 5 }),
});

test.runIf(versionUnderTest().name === 'Asterisk 22')(
  'the kernel takes whatever plan there is, one after the other',
  async () => {
    const world = await openWorld([]);
    await fc.assert(
      fc.asyncProperty(plan, async (given) => {
        await loadPlan(world, planOf(given));
        const sets = await run(world, ['ipset', 'list', '-name']);
        expect(sets.trim().split('\n').sort()).toEqual(
          ['block', 'deny', 'permit', 'trust'].flatMap((list) => [
            `ipcountry-${list}4`,
            `ipcountry-${list}6`,
          ]),
        );
        for (const program of ['iptables-save', 'ip6tables-save']) {
          const lines = (await run(world, [program])).split('\n');
          const rules = lines.filter((line) => line.startsWith('-A '));
          for (const rule of rules) expect(rule).toMatch(/^-A (INPUT -j IPCOUNTRY$|IPCOUNTRY)/);
          expect(rules.filter((rule) => rule.startsWith('-A INPUT'))).toHaveLength(1);
        }
      }),
      { numRuns: 25, interruptAfterTimeLimit: 20_000 },
    );
    world.close();
  },
);
