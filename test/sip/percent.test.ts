import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { percentDecode } from '../../src/sip/index.ts';

describe('percentDecode', () => {
  it.each([
    ['J%C3%BCrgen', 'Jürgen'],
    ['%F0%9F%93%9E', '📞'],
    ['a%2Cb%22c%22', 'a,b"c"'],
    ['100%', '100%'],
    ['%zz%4', '%zz%4'],
    ['%Z%45', '%ZE'],
    ['a+b', 'a+b'],
    ['J%C3', 'J\ufffd'], // cut by URIENCODE() in the middle of a character
    ['J%C3%B', 'J\ufffd%B'], // … and in the middle of an escape
    ['%2541', '%41'], // once, not twice
    ['%00', '\u0000'],
  ])('%s → %j', (text, decoded) => {
    expect(percentDecode(text)).toBe(decoded);
  });

  it('is the inverse of encodeURIComponent', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(percentDecode(encodeURIComponent(text))).toBe(text);
      }),
    );
  });

  it('never throws, wherever the encoded text is cut', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(300), (text, length) => {
        expect(typeof percentDecode(encodeURIComponent(text).slice(0, length))).toBe('string');
      }),
    );
  });
});
