import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Address, addressFrom, countedSource, integerOf } from '../../src/address/index.ts';
import { tableText } from '../../src/firewall/nft-text.ts';
import { LEVELS, NFT_OPTIONS, type NftPlan } from '../../src/firewall/plan.ts';
import { packRanges } from '../../src/firewall/spans.ts';
import { openWorld, type World } from '../support/netns-world.ts';
import { outcome } from '../support/program.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld([]);
});
afterAll(() => world.close());

const anyAddress: fc.Arbitrary<Address> = fc.oneof(
  fc.bigInt(0n, 2n ** 32n - 1n).map((value) => addressFrom(4, value)),
  // Not the IPv4-mapped ones, which are IPv4 to us.
  fc.bigInt(2n ** 64n, 2n ** 128n - 1n).map((value) => addressFrom(6, value)),
  fc.constantFrom(addressFrom(4, 0n), addressFrom(4, 2n ** 32n - 1n)),
  fc.constantFrom(addressFrom(6, 0n), addressFrom(6, 2n ** 128n - 1n)),
);
const anyRange = fc.tuple(anyAddress, anyAddress).map(([a, b]) => {
  if (a.family !== b.family) return { first: a, last: a };
  return integerOf(a) <= integerOf(b) ? { first: a, last: b } : { first: b, last: a };
});
const anyRanges = fc.array(anyRange, { maxLength: 20 });
const anyPort = fc.tuple(fc.integer({ min: 1, max: 65_535 }), fc.nat(500)).map(([first, more]) => {
  return more === 0 ? String(first) : `${first}-${Math.min(65_535, first + more)}`;
});
const anyPorts = fc.array(anyPort, { maxLength: 4 });
const anyOptions = fc.record(
  Object.fromEntries(NFT_OPTIONS.map((name) => [name, fc.boolean()])),
) as unknown as fc.Arbitrary<NftPlan['options']>;

const anyPlan: fc.Arbitrary<NftPlan> = fc.record({
  level: fc.constantFrom(...LEVELS),
  options: anyOptions,
  ports: fc.record({
    ...{ sip: anyPorts, websocket: anyPorts, iax: anyPorts },
    ...{ rtp: anyPorts, ssh: anyPorts, traps: anyPorts },
  }),
  lists: fc.record({
    trust: anyRanges.map(packRanges),
    deny: anyRanges.map(packRanges),
    permit: anyRanges.map(packRanges),
  }),
  blocks: fc.uniqueArray(
    fc.record({
      counted: anyAddress.map(countedSource),
      seconds: fc.option(fc.double({ min: 0.001, max: 5e9, noNaN: true }), { nil: undefined }),
    }),
    { maxLength: 10, selector: ({ counted }) => counted },
  ),
  own: anyRanges,
});

const nft = (args: readonly string[], text: string) => {
  const child = world.atPbx(['nft', ...args, '-f', '-']);
  child.stdin!.end(text);
  return outcome(child);
};

it('nft takes whatever plan there is, in place of whatever stood', async () => {
  await fc.assert(
    fc.asyncProperty(anyPlan, async (plan) => {
      const text = [...tableText(plan)].join('');
      expect(await nft(['-c'], text)).toMatchObject({ code: 0, err: '' });
      expect(await nft([], text)).toMatchObject({ code: 0, err: '' });
    }),
    { numRuns: 60 },
  );
}, 120_000);
