import { describe, expect, it } from 'vitest';
import { type Column, rangeColumns } from '../../src/forerunner/columns.ts';

/** `begin_num int`, `code char 2`, `id int counts`. */
function columns(...texts: readonly string[]): Column[] {
  return texts.map((text) => {
    const [name = '', type = '', more] = text.split(' ');
    return { name, type, length: Number(more) || undefined, counts: more === 'counts' };
  });
}

describe('the columns of a table of ranges', () => {
  it.each<[string, Column[], string]>([
    [
      "MaxMind's",
      columns(
        ...['begin_ip char 15', 'end_ip char 15', 'begin_num int', 'end_num int'],
        ...['country char 2', 'name char 50'],
      ),
      'begin_num end_num country',
    ],
    [
      'by name, whatever the order',
      columns('cc char 2', 'end bigint', 'start bigint'),
      'start end cc',
    ],
    ['by order', columns('a int', 'b int', 'c char 2'), 'a b c'],
    [
      'without what counts the rows',
      columns('id int counts', 'ip_from int', 'ip_to int', 'cc varchar 2'),
      'ip_from ip_to cc',
    ],
    [
      'with other numbers, which are named otherwise',
      columns('begin_num int', 'end_num int', 'hits int', 'country varchar 2'),
      'begin_num end_num country',
    ],
    ['with a longer code', columns('first int', 'last int', 'code char 3'), 'first last code'],
    [
      'with two short texts, of which one is named as a code',
      columns('first int', 'last int', 'continent char 2', 'country_code char 2'),
      'first last country_code',
    ],
  ])('%s', (_, given, expected) => {
    const found = rangeColumns(given)!;
    expect(`${found.first} ${found.last} ${found.code}`).toBe(expected);
  });

  it.each<[string, Column[]]>([
    ['one number', columns('first int', 'code char 2')],
    ['three numbers that nothing tells apart', columns('a int', 'b int', 'c int', 'cc char 2')],
    ['no code', columns('first int', 'last int', 'name varchar 50')],
    ['two texts that could be it', columns('first int', 'last int', 'x char 2', 'y char 2')],
    ['addresses as text', columns('first varchar 15', 'last varchar 15', 'cc char 2')],
    ['nothing', []],
  ])("aren't guessed from %s", (_, given) => {
    expect(rangeColumns(given)).toBeUndefined();
  });
});
