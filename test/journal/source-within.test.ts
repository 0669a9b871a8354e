import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  type Address,
  addressFrom,
  cidr,
  contains,
  formatAddress,
  integerOf,
  parseRange,
  rangeBetween,
} from '../../src/address/index.ts';
import { sharedText } from '../../src/journal/source-within.ts';

it.each([
  ['203.0.113.7', '203.0.113.7'],
  ['203.0.113.0/24', '203.0.113.'],
  ['203.0.112.0/23', '203.0.'],
  ['203.0.113.7-203.0.113.9', '203.0.113.'],
  ['0.0.0.0/0', ''],
  ['2001:db8::7', '2001:db8::7'],
  ['2001:db8::/32', '2001:db8:'],
  ['2001:db8:0:1::/64', '2001:db8:'], // its other groups may follow `::`
  ['::/0', ''],
])('%s: %s', (range, shared) => {
  expect(sharedText(parseRange(range)!)).toBe(shared);
});

/** Any address, those with groups of zeros as often as others. */
const bits = (length: number) =>
  fc
    .array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff })), {
      minLength: length / 16,
      maxLength: length / 16,
    })
    .map((groups) => groups.reduce((all, group) => (all << 16n) | BigInt(group), 0n));
const addresses = fc.oneof(
  bits(32).map((value) => addressFrom(4, value)),
  bits(128).map((value) => addressFrom(6, value)),
);

it('every address of a range begins with it', () => {
  fc.assert(
    fc.property(addresses, fc.nat(128), bits(128), (address, prefix, other) => {
      const length = address.family === 4 ? prefix % 33 : prefix;
      const network = cidr(address, length);
      const host = integerOf(network.last) - integerOf(network.first);
      const member = addressFrom(address.family, integerOf(network.first) + (other & host));
      // ::ffff:0:0/96 and what holds it are of two families, and not asked for.
      fc.pre(network.first.family === network.last.family && contains(network, member));
      expect(formatAddress(member).startsWith(sharedText(network))).toBe(true);
      const between = ordered(address, member);
      expect(formatAddress(member).startsWith(sharedText(between))).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});

function ordered(a: Address, b: Address) {
  return integerOf(a) <= integerOf(b) ? rangeBetween(a, b) : rangeBetween(b, a);
}
