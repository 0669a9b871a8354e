import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../src/database/index.ts';
import {
  addRule,
  deleteExpired,
  findRule,
  type List,
  listRules,
  parseSubject,
  removeRule,
  resetList,
} from '../../src/policy/index.ts';
import { newDatabase, type TestDatabase } from '../support/database.ts';

let store: TestDatabase;
let database: Database;

beforeEach(() => {
  store = newDatabase();
  database = store.database;
});
afterEach(() => store.remove());

const NOW = 1_700_000_000_000;
const add = (
  list: List,
  text: string,
  more: { note?: string; expiresAt?: number } = {},
  now = NOW,
) => addRule(database, { list, subject: parseSubject(text), origin: 'cli:root', ...more }, now);
const find = (list: List, text: string) => findRule(database, list, parseSubject(text));
const texts = (list?: List) => listRules(database, list).map((rule) => rule.text);

const PRIVATE = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '::1',
  'fe80::/10',
  'fc00::/7',
];

describe('a rule', () => {
  it.each([
    'US',
    'AS64500',
    'grandma.example.net',
    '203.0.113.7',
    '203.0.113.0/24',
    '203.0.113.3-203.0.113.9',
    '2001:db8::/32',
    '0.0.0.0/0',
    '::/0',
  ])('%s is read back as it was given', (text) => {
    expect(add('deny', text, { note: 'a "note"; x', expiresAt: NOW + 5 })).toBeUndefined();
    expect(listRules(database, 'deny')).toEqual([
      {
        id: expect.any(Number),
        list: 'deny',
        subject: parseSubject(text),
        text,
        note: 'a "note"; x',
        origin: 'cli:root',
        createdAt: NOW,
        expiresAt: NOW + 5,
      },
    ]);
  });

  it('stands once in a list, however it is written, and in each list for itself', () => {
    add('permit', 'gb');
    add('permit', 'GB');
    add('deny', 'GB');
    add('permit', '203.0.113.0-203.0.113.255');
    add('permit', '203.0.113.0/24');
    expect(texts('permit')).toEqual([...PRIVATE, 'GB', '203.0.113.0/24']);
    expect(texts('deny')).toEqual(['GB']);
  });

  it('added again takes the new note and expiry, and tells what it was', () => {
    add('deny', 'GB', { note: 'first', expiresAt: NOW + 5 });
    const before = add('deny', 'GB', { note: 'second', expiresAt: NOW + 9 }, NOW + 1);
    expect(before).toMatchObject({ note: 'first', expiresAt: NOW + 5 });
    expect(find('deny', 'GB')).toMatchObject({
      id: before!.id,
      note: 'second',
      expiresAt: NOW + 9,
      createdAt: NOW,
    });
  });

  it('added again without a note keeps the one it has; without an expiry it lives for ever', () => {
    add('deny', 'GB', { note: 'first', expiresAt: NOW + 5 });
    add('deny', 'GB');
    expect(find('deny', 'GB')).toMatchObject({ note: 'first', expiresAt: undefined });
  });

  it('is removed, and told', () => {
    add('deny', 'GB', { note: 'x' });
    expect(removeRule(database, 'deny', parseSubject('gb'))).toMatchObject({ note: 'x' });
    expect(removeRule(database, 'deny', parseSubject('gb'))).toBeUndefined();
    expect(texts('deny')).toEqual([]);
  });

  it('is removed from the one list alone', () => {
    add('deny', 'GB');
    add('permit', 'GB');
    removeRule(database, 'permit', parseSubject('GB'));
    expect(texts('deny')).toEqual(['GB']);
  });

  it('made by hand may have any 64-bit number for an id, and is read all the same', () => {
    const row = database.prepare(
      `INSERT INTO rule (id, list, kind, subject, origin, created_at)
       VALUES (?, 'deny', 'operator', ?, 'hand', 0)`,
    );
    const operators = Array.from({ length: 400 }, (_, i) => `AS${i + 1}`);
    row.run(-9_223_372_036_854_775_808n, 'AS64500');
    for (const [i, text] of operators.entries()) {
      row.run(9_223_372_036_854_775_807n - 400n + BigInt(i), text);
    }
    expect(texts('deny')).toEqual(['AS64500', ...operators]);
  });

  it('is one of many, all of which are read, in their order', () => {
    const countries = Array.from({ length: 400 }, (_, i) => `AS${i + 1}`);
    for (const text of countries) add('deny', text);
    expect(texts('deny')).toEqual(countries);
  });

  it('with quotes and semicolons in its note changes nothing else', () => {
    add('deny', 'GB', { note: "'); DELETE FROM rule; --" });
    expect(texts('permit')).toEqual(PRIVATE);
  });
});

describe('reset', () => {
  it('permit goes back to the private ranges it began with', () => {
    removeRule(database, 'permit', parseSubject('10.0.0.0/8'));
    add('permit', 'GB');
    add('permit', '192.168.0.0/16', { note: 'mine', expiresAt: NOW });
    resetList(database, 'permit', NOW);
    expect(texts('permit')).toEqual(PRIVATE);
    expect(find('permit', '192.168.0.0/16')).toMatchObject({
      note: 'private',
      origin: 'initial',
      createdAt: NOW,
      expiresAt: undefined,
    });
  });

  it.each<List>(['deny', 'trust'])('%s is emptied, the others stay', (list) => {
    add('deny', 'GB');
    add('trust', 'GB');
    resetList(database, list, NOW);
    expect(texts(list)).toEqual([]);
    expect(texts()).toEqual([...PRIVATE, 'GB']);
  });
});

describe('expired rules', () => {
  it('are listed until they are deleted, those before the moment alone', () => {
    add('deny', 'GB', { expiresAt: 5 });
    add('deny', 'US', { expiresAt: 6 });
    add('deny', 'FR');
    expect(texts('deny')).toEqual(['GB', 'US', 'FR']);
    expect(deleteExpired(database, 6)).toBe(1);
    expect(texts('deny')).toEqual(['US', 'FR']);
    expect(deleteExpired(database, Number.MAX_SAFE_INTEGER)).toBe(1);
    expect(texts('deny')).toEqual(['FR']);
  });
});

describe('rows edited by hand', () => {
  const insert = (kind: string, subject: string, first = 'NULL', last = 'NULL') =>
    database.exec(
      `INSERT INTO rule (id, list, kind, subject, first, last, origin, created_at)
       VALUES (77, 'deny', '${kind}', '${subject}', ${first}, ${last}, 'hand', 0)`,
    );
  const V4 = (hex: string) => `x'00000000000000000000ffff${hex}'`;

  it.each([
    ['country', 'UK', undefined, undefined, "'UK' is no country code; did you mean GB?"],
    ['country', 'us', undefined, undefined, 'is no country'],
    ['country', 'AS1', undefined, undefined, 'is no country'],
    ['operator', 'AS0', undefined, undefined, "'AS0': AS numbers go from 1 to 4294967295"],
    ['operator', 'AS01', undefined, undefined, 'is no operator'],
    ['name', 'Grandma.example', undefined, undefined, 'is no name'],
    ['name', '192.0.2.1', undefined, undefined, 'is no name'],
    ['name', 'localhost', undefined, undefined, "'localhost' is no country code"],
    ['range', '192.0.2.0/24', V4('c0000200'), V4('c00002fe'), 'is no range'],
    ['range', '10.0.0.0/8', V4('c0000200'), V4('c00002ff'), 'is no range'],
    ['range', 'office', V4('c0000200'), V4('c00002ff'), 'is no range'],
    ['range', '::/0', `zeroblob(16)`, V4('c0000200'), 'of different families'],
  ])('%s %j is noticed, not skipped', (kind, subject, first, last, why) => {
    insert(kind, subject, first, last);
    const noticed = new RegExp(
      `^the database has an unsound rule \\(table rule, id 77: deny '${subject}'\\): .*${why.replace(/[?()/]/g, '\\$&')}.*; mend it or delete the row$`,
    );
    expect(() => listRules(database)).toThrow(noticed);
    expect(() => listRules(database, 'permit')).not.toThrow();
  });

  it.each([
    ['a list that there is not', `'allow', 'country', 'US', NULL, NULL`],
    ['a kind that there is not', `'deny', 'planet', 'US', NULL, NULL`],
    ['a range without ends', `'deny', 'range', '10.0.0.0/8', NULL, NULL`],
    ['a range with one end', `'deny', 'range', '10.0.0.0/8', zeroblob(16), NULL`],
    ['an end of four bytes', `'deny', 'range', '10.0.0.0/8', x'0a000000', x'0affffff'`],
    ['an end before the beginning', `'deny', 'range', 'x', x'${'f'.repeat(32)}', zeroblob(16)`],
    ['a country with ends', `'deny', 'country', 'US', zeroblob(16), zeroblob(16)`],
  ])('%s is refused by the database itself', (_, values) => {
    const sql = `INSERT INTO rule (list, kind, subject, first, last, origin, created_at) VALUES (${values}, 'hand', 0)`;
    expect(() => database.exec(sql)).toThrow(/CHECK constraint failed/);
  });
});
