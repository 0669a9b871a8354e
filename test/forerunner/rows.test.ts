import { describe, expect, it } from 'vitest';
import { sortRows } from '../../src/forerunner/rows.ts';

const row = (first: unknown, last: unknown, code: unknown = 'AA') => ({ first, last, code });
const sorted = (rows: Parameters<typeof sortRows>[0], whole: 'cut' | 'leave out' = 'leave out') => {
  const { byCode, unsound } = sortRows(rows, whole);
  return { byCode: Object.fromEntries(byCode), unsound };
};

describe('rows of a table', () => {
  it('are joined by code, duplicates and all', () => {
    const { byCode, unsound } = sorted([
      row(10, 19),
      row(10, 19),
      row(20, 29),
      row(5, 7, ' us '),
      row(6, 9, 'US'),
      row(1, 1, null),
    ]);
    expect(byCode).toEqual({
      AA: { rows: 3, spans: [{ first: 10, last: 29 }] },
      US: { rows: 2, spans: [{ first: 5, last: 9 }] },
      '': { rows: 1, spans: [{ first: 1, last: 1 }] },
    });
    expect(unsound).toEqual([]);
  });

  it('may be numbers as text, which is how large and decimal ones come', () => {
    expect(sorted([row('10', '19')]).byCode).toEqual({
      AA: { rows: 1, spans: [{ first: 10, last: 19 }] },
    });
  });

  it.each<[string, unknown, unknown, string]>([
    ['NULL', null, 5, 'without a number at both ends'],
    ['text', '192.0.2.1', '192.0.2.9', 'without a number at both ends'],
    ['a negative number, as PHP once made them', -5, 5, 'without a number at both ends'],
    ['a fraction', 1.5, 5, 'without a number at both ends'],
    ['the end first', 9, 5, 'ending before it begins'],
    ['more than 32 bits', 5, 2 ** 32, 'beyond the last address of IPv4'],
    ['far more', '99999999999', '99999999999999999999', 'beyond the last address of IPv4'],
  ])('with %s are left out, and told', (_, first, last, what) => {
    const { byCode, unsound } = sorted([row(first, last), row(1, 2)]);
    expect(byCode).toEqual({ AA: { rows: 1, spans: [{ first: 1, last: 2 }] } });
    const text = first === null ? 'NULL' : String(first);
    expect(unsound).toEqual([{ what, count: 1, examples: [`${text}-${last} AA`] }]);
  });

  it('that go beyond IPv4 are cut there in deny, which must lose nothing', () => {
    const rows = [row(5, 2 ** 32), row(2 ** 32, 2 ** 33), row(-1, 5)];
    const { byCode, unsound } = sorted(rows, 'cut');
    expect(byCode).toEqual({ AA: { rows: 1, spans: [{ first: 5, last: 0xffff_ffff }] } });
    expect(unsound.map(({ count }) => count)).toEqual([2, 1]);
  });

  it('show few examples, and nothing that a terminal acts on', () => {
    const { unsound } = sorted(Array.from({ length: 9 }, () => row(2, 1, '\u001b[2J'.repeat(99))));
    expect(unsound).toMatchObject([{ count: 9 }]);
    expect(unsound[0]!.examples).toHaveLength(3);
    for (const example of unsound[0]!.examples) {
      expect(example).toMatch(/^2-1 \\x1b\[2J/);
      expect(example.length).toBeLessThan(80);
    }
  });
});
