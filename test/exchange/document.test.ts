import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../../src/database/index.ts';
import { Fault } from '../../src/errors.ts';
import { applyContent, exportDocument, readDocument } from '../../src/exchange/index.ts';
import {
  addDomain,
  addExtension,
  addRule,
  addScanner,
  parseRoute,
  parseSubject,
  setMode,
} from '../../src/policy/index.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');

let database: Database;
beforeEach(() => {
  database = openDatabase(':memory:');
});
afterEach(() => void database.close());

const mistakesOf = (data: object) =>
  readDocument(JSON.stringify({ ipcountry: 1, ...data }), 'x.json').mistakes;

function contentOf(data: object) {
  const { content, mistakes } = readDocument(JSON.stringify({ ipcountry: 1, ...data }), 'x.json');
  expect(mistakes).toBeUndefined();
  return content!;
}

const apply = (data: object, replace = false) =>
  applyContent(database, contentOf(data), { replace, now: NOW });

function fill(): void {
  const rule = { list: 'permit', note: 'a "note", # with marks\n', origin: 'cli:root' } as const;
  addRule(database, { ...rule, subject: parseSubject('US') }, NOW);
  addRule(
    database,
    { ...rule, list: 'deny', subject: parseSubject('2001:db8::/32'), expiresAt: NOW + 1_000 },
    NOW,
  );
  addRule(database, { ...rule, list: 'trust', subject: parseSubject('sip.example.net') }, NOW);
  const entry = { note: 'n', origin: 'cli:root' };
  addExtension(database, { ...entry, name: 'Weather', route: parseRoute('goto,a,b,1') }, NOW);
  addDomain(database, { ...entry, name: 'sip.example.com' }, NOW);
  addScanner(database, { ...entry, name: 'evilphone' }, NOW);
  setMode(database, 'monitor');
}

describe('export', () => {
  it('has everything, in a shape that the manual shows', () => {
    fill();
    const document = exportDocument(database);
    expect(document).toMatchObject({
      ipcountry: 1,
      mode: 'monitor',
      extensions: [{ name: 'weather', route: 'goto,a,b,1', note: 'n' }],
      domains: [{ name: 'sip.example.com', note: 'n' }],
    });
    expect(document.rules).toHaveLength(8 + 3);
    expect(document.rules).toContainEqual({
      list: 'deny',
      subject: '2001:db8::/32',
      note: 'a "note", # with marks\n',
      origin: 'cli:root',
      created: '2026-11-21T12:00:00.000Z',
      expires: '2026-11-21T12:00:01.000Z',
    });
    expect(document.scanners).toContainEqual({ name: 'evilphone', note: 'n' });
  });

  it('and import into a new database give the same again', () => {
    fill();
    const before = exportDocument(database);
    const other = openDatabase(':memory:');
    const { content } = readDocument(JSON.stringify(before), 'x.json');
    applyContent(other, content!, { replace: true, now: NOW + 5 });
    expect(exportDocument(other)).toEqual(before);
    other.close();
  });
});

describe('import of a document', () => {
  it('adds to what is there, and leaves alone what it does not mention', () => {
    fill();
    const before = exportDocument(database);
    const counts = apply({
      rules: [
        { list: 'permit', subject: 'ca' },
        { list: 'permit', subject: 'US' },
      ],
    });
    expect(counts).toEqual({ rules: { added: 1, already: 1, removed: 0 } });
    const after = exportDocument(database);
    expect({ ...after, rules: [] }).toEqual({ ...before, rules: [] });
    expect(after.rules).toHaveLength(before.rules.length + 1);
    expect(after.rules.at(-1)).toMatchObject({ subject: 'CA', origin: 'import', note: '' });
  });

  it('takes out with --replace what it does not have, in the parts that it has', () => {
    fill();
    const counts = apply(
      {
        mode: 'enforce',
        rules: [{ list: 'permit', subject: 'US', note: '' }],
        domains: [],
        scanners: [{ name: 'EvilPhone' }],
      },
      true,
    );
    expect(counts).toEqual({
      rules: { added: 0, already: 1, removed: 10 },
      domains: { added: 0, already: 0, removed: 1 },
      scanners: { added: 0, already: 1, removed: 13 },
    });
    const after = exportDocument(database);
    expect(after).toMatchObject({
      mode: 'enforce',
      domains: [],
      scanners: [{ name: 'evilphone' }],
    });
    expect(after.rules).toMatchObject([{ subject: 'US', note: '' }]);
    expect(after.extensions).toHaveLength(1);
  });

  it('takes duplicates, the last one counts', () => {
    const rule = { list: 'deny', subject: '192.0.2.1' };
    expect(
      apply({
        rules: [
          { ...rule, note: 'a' },
          { ...rule, note: 'b' },
        ],
      }),
    ).toEqual({
      rules: { added: 1, already: 0, removed: 0 },
    });
    expect(exportDocument(database).rules.at(-1)).toMatchObject({ note: 'b' });
  });

  it.each<[string, object, string, string | RegExp]>([
    [
      'a subject',
      {
        rules: [
          { list: 'permit', subject: 'US' },
          { list: 'deny', subject: 'UK' },
        ],
      },
      'rules[1].subject',
      "'UK' is no country code; did you mean GB?",
    ],
    [
      'a subject that is no text',
      { rules: [{ list: 'permit', subject: 7 }] },
      'rules[0].subject',
      /expected string/,
    ],
    [
      'a list',
      { rules: [{ list: 'allow', subject: 'US' }] },
      'rules[0].list',
      /"trust"\|"deny"\|"permit"/,
    ],
    ['a missing part', { rules: [{ list: 'deny' }] }, 'rules[0].subject', 'is missing'],
    [
      'a day that no calendar has',
      { rules: [{ list: 'deny', subject: 'US', expires: '2027-02-30T12:00:00Z' }] },
      'rules[0].expires',
      /expected a time/,
    ],
    ['a list for an object', { domains: [[]] }, 'domains[0].name', 'is missing'],
    ['null for a list', { domains: null }, 'domains', 'expected array, received null'],
    [
      'a time',
      { rules: [{ list: 'deny', subject: 'US', expires: 'tomorrow' }] },
      'rules[0].expires',
      /expected a time/,
    ],
    [
      'an unknown key',
      { rules: [{ list: 'deny', subject: 'US', expire: null }] },
      'rules[0].expire',
      'is no key here',
    ],
    ['an unknown part', { rule: [] }, 'rule', 'is no key here'],
    [
      'an origin that would drive the terminal',
      { rules: [{ list: 'deny', subject: 'US', origin: '\u001b[2J' }] },
      'rules[0].origin',
      /can not be seen/,
    ],
    ['a mode', { mode: 'off' }, 'mode', /"monitor"\|"enforce"/],
    [
      'a route',
      { extensions: [{ name: 'x', route: 'goto,a' }] },
      'extensions[0].route',
      /is no destination/,
    ],
    [
      'a route that dials twice',
      { extensions: [{ name: 'x', route: 'dial,SIP/1&SIP/2' }] },
      'extensions[0].route',
      /is no single device/,
    ],
    [
      'an extension',
      { extensions: [{ name: 'a b', route: 'dial,SIP/1' }] },
      'extensions[0].name',
      /can't be an extension/,
    ],
    ['a domain', { domains: [{ name: 'sip:example.com' }] }, 'domains[0].name', /is no domain/],
    [
      'a pattern that would fit every phone',
      { scanners: [{ name: ' a ' }] },
      'scanners[0].name',
      /too short/,
    ],
    ['no array', { rules: {} }, 'rules', /expected array/],
  ])('names %s by its path', (_, data, where, what) => {
    expect(mistakesOf(data)).toEqual([
      { where, what: typeof what === 'string' ? what : expect.stringMatching(what) },
    ]);
  });

  it('names all mistakes', () => {
    expect(mistakesOf({ rule: [], domain: [] })?.map(({ where }) => where)).toEqual([
      'rule',
      'domain',
    ]);
    const rules = Array.from({ length: 40 }, () => ({ list: 'deny', subject: 'UK' }));
    expect(mistakesOf({ rules })).toHaveLength(40);
  });

  it.each([
    ['{"ipcountry": 1,\n\n"rules": [}', 'x.json line 3: no valid JSON; nothing was imported'],
    ['192.0.2.1\n', 'x.json line 1: no valid JSON'],
    ['[]', 'x.json: this is no export of ipcountry'],
    ['null', 'x.json: this is no export of ipcountry'],
    ['{"rules": []}', 'x.json: this is no export of ipcountry'],
    ['{"ipcountry": 2}', 'x.json: of version 2, and this ipcountry reads version 1'],
  ])('refuses %j', (text, message) => {
    expect(() => readDocument(text, 'x.json')).toThrow(Fault);
    expect(() => readDocument(text, 'x.json')).toThrow(message);
  });

  it('never throws anything else, whatever is in the document', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (rules, extensions) => {
        const data = { ipcountry: 1, rules, extensions };
        const reading = readDocument(JSON.stringify(data), 'x.json');
        expect(reading.content === undefined).toBe((reading.mistakes?.length ?? 0) > 0);
      }),
    );
  });
});
