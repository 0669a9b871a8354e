import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  compareNames,
  coversName,
  matchesName,
  readExtensionName,
} from '../../src/asterisk/extension-name.ts';

const matches = (name: string, dialled: string) => matchesName(readExtensionName(name), dialled);

// What a real Asterisk finds is tested in test/asterisk/dialplan-model.test.ts.
describe("an extension's name", () => {
  it.each([
    ['1-2-3', '123'],
    ['123', '1-23'],
    ['_NXX-XXXX', '5551234'],
    ['_X.', '12&PJSIP/trunk/900'],
    ['_X!', '1'],
    ['_!', ''],
    ['_[a-c+-]Z', '-1'.replace('-', '+')],
    ['_[]1', '1'],
  ])('%s takes a call to %s', (name, dialled) => expect(matches(name, dialled)).toBe(true));

  it.each([
    ['123', '12'],
    ['_X.', '1'],
    ['_.', ''],
    ['_Z', '0'],
    ['_N', '1'],
    ['_XX', '1a'],
    ['_[a-c]', 'd'],
    ['_[abc', 'a'],
    ['_XXX', '12'],
    ['_X', '12'],
  ])('%s takes none to %s', (name, dialled) => expect(matches(name, dialled)).toBe(false));

  it.each([
    ['_.', '_X.'],
    ['_.', 'h'],
    ['_!', '_.'],
    ['_X.', '_NXX'],
    ['_X.', '_1.'],
    ['_[0-9]X', '_XX'],
    ['_x.', '_X.'],
    ['12', '1-2'],
  ])('%s covers %s', (wide, narrow) =>
    expect(coversName(readExtensionName(wide), readExtensionName(narrow))).toBe(true),
  );

  it.each([
    ['_X.', '_.'],
    ['_X.', '_X'],
    ['_X.', '_X!'],
    ['_NXX', '_XXX'],
    ['_XXX', '_X.'],
    ['_.', '_!'],
    ['12', '_12'],
  ])('%s does not cover %s', (wide, narrow) =>
    expect(coversName(readExtensionName(wide), readExtensionName(narrow))).toBe(false),
  );
});

const name = fc.stringMatching(/^_?([XNZ01a.!-]|\[[0-2a-]{1,3}\])*$/, { maxLength: 8 });
const dialled = fc.stringMatching(/^[0-3a-]*$/, { maxLength: 5 });

test('what covers a name takes every call to it', () => {
  fc.assert(
    fc.property(name, name, dialled, (one, other, number) => {
      const [wide, narrow] = [readExtensionName(one), readExtensionName(other)];
      fc.pre(coversName(wide, narrow) && matchesName(narrow, number));
      expect(matchesName(wide, number)).toBe(true);
    }),
    { numRuns: 400 },
  );
});

test('the order of names is one', () => {
  fc.assert(
    fc.property(name, name, name, (a, b, c) => {
      const [x, y, z] = [readExtensionName(a), readExtensionName(b), readExtensionName(c)];
      expect(Math.sign(compareNames(x, y))).toBe(-Math.sign(compareNames(y, x)) + 0);
      expect(compareNames(x, y) === 0).toBe(x.key === y.key && x.pattern === y.pattern);
      if (compareNames(x, y) < 0 && compareNames(y, z) < 0)
        expect(compareNames(x, z)).toBeLessThan(0);
    }),
  );
});
