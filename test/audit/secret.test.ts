import { describe, expect, it } from 'vitest';
import { weaknessOf } from '../../src/audit/secret.ts';

describe('a secret is weak', () => {
  it.each([
    ['', 'is empty'],
    ['1001', "is the account's own name"],
    ['100110011001', "is the account's own name with little added"],
    ['1001abc', "is the account's own name with little added"],
    ['abc1001!', "is the account's own name with little added"],
    ['Reception', "is the account's own name"],
    ['reception2024', "is the account's own name with little added"],
    ['amp111', 'is a word that everybody tries'],
    ['Password123', 'is a word that everybody tries'],
    ['mysecret', 'is a word that everybody tries'],
    ['asterisk16', 'is a word that everybody tries'],
    ['x7!', 'has 3 characters'],
    ['hG7:dq2_9', 'has 9 characters'],
    ['48151623421', 'has 11 digits and nothing else'],
    ['aaaaaaaaaaaaaaa', 'has only 1 different characters'],
    ['121212121212121212', 'has only 2 different characters'],
    ['12345678901234567890', 'is a row of characters'],
    ['abcdefghijklmnop', 'is a row of characters'],
  ])('%j %s', (secret, why) => {
    expect(weaknessOf(secret, ['1001', 'reception'])).toBe(why);
  });

  it.each([
    '9f86d081884c7d659a2feaa0c55ad015',
    'hG7:dq2_9x',
    '4815162342108417', // 16 digits
    'correct horse battery staple',
    'Xpassword-9f8a7c6b', // a word, but much more
    '1001-k2Jq9w',
  ])('and %s is not', (secret) => {
    expect(weaknessOf(secret, ['1001', ''])).toBeUndefined();
  });

  it('says none of its letters', () => {
    for (const secret of ['zQ', 'zQzQzQzQzQzQ', 'zQ1001']) {
      expect(weaknessOf(secret, ['1001'])).not.toContain('zQ');
    }
  });
});
