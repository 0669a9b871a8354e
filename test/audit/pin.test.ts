import { expect, it } from 'vitest';
import { someOf } from '../../src/audit/names.ts';
import { pinWeakness } from '../../src/audit/pin.ts';

it.each([
  ['', 'is empty, so that nobody is asked'],
  ['1357', "is the mailbox's own number"],
  ['7531', "is the mailbox's own number backwards"],
  ['836', 'has 3 digits'],
  ['1234', 'is one that everybody tries'],
  ['87654', 'is one that everybody tries'],
  ['0000', 'is one that everybody tries'],
  ['2468', 'is one that everybody tries'],
  ['4242', 'is one that everybody tries'],
  ['907907', 'is one that everybody tries'],
  ['2580', 'is one that everybody tries'],
])('the PIN %j %s', (pin, why) => {
  expect(pinWeakness(pin, '1357')).toBe(why);
});

it.each(['8362', '13570', '1235', '4243', '907908'])('and %s is sound', (pin) => {
  expect(pinWeakness(pin, '1357')).toBeUndefined();
});

it('some of many names are shown, and all of few', () => {
  const names = ['1', '2', '3', '4', '5', '6', '7'];
  expect(someOf(names)).toBe('1, 2, 3, 4, 5 and 2 more');
  expect(someOf(names.slice(1))).toBe('2, 3, 4, 5, 6, 7');
  expect(someOf(['1'])).toBe('1');
});
