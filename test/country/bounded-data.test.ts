import { describe, expect, it } from 'vitest';
import { checkBounded } from '../../src/country/bounded-data.ts';

const check = (bytes: readonly number[]) => checkBounded(Buffer.from(bytes), 0, 0);

/** 285 bytes and more: size 30, and two bytes of size (MaxMind DB 2.0, "Payload Size"). */
const text = (length: number) => [
  ...[0x5e, (length - 285) >>> 8, (length - 285) & 255],
  ...Array(length).fill(0x41),
];
const list = (...items: number[][]) => [items.length, 0x04, ...items.flat()];
const pointer = (to: number) => [0x20 | (to >>> 8), to & 255];

describe('data of an mmdb file', () => {
  it('is passed by where it ends, with what it points to', () => {
    const map = [0xe1, 0x42, 0x53, 0x45, ...list([0x00, 0x07], [0xa1, 9], pointer(1))];
    expect(() => check(map)).not.toThrow();
    expect(() => check(list(text(40_000)))).not.toThrow();
  });

  it('of as many bytes as come of pointing to them twice is too much', () => {
    expect(() => check(list(text(40_000), pointer(2)))).toThrow('too many bytes');
  });

  it('of thousands of values is too much', () => {
    const thousands = [0x1e, 0x04, 0x06, 0xff, ...Array(0x06ff + 285).fill(0x40)];
    expect(() => check(thousands)).toThrow('too many values');
  });

  it('in which each value leads to one further down is too deep', () => {
    const down = Array.from({ length: 600 }, (_, i) => pointer(2 * (i + 1))).flat();
    expect(() => check([...down, 0x40])).toThrow('too many values');
  });

  it.each([
    ['a text', [0x45, 0x41]],
    ['a size', [0x5f, 0x00]],
    ['a pointer', [0x38, 0x00]],
    ['what is pointed to', pointer(500)],
    ['a list', [0x03, 0x04, 0x40]],
    ['nothing', []],
  ])('%s beyond the end of the file', (_, bytes) => {
    expect(() => check(bytes)).toThrow(RangeError);
  });
});
