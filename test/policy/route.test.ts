import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkedExtension,
  extensionKey,
  formatRoute,
  parseDial,
  parseGoto,
  parseRoute,
} from '../../src/policy/index.ts';

/** What would make Asterisk do something else with the text than go to one place. */
const INJECTIONS = [
  ',',
  '&',
  '|',
  ';',
  '"',
  "'",
  '\\',
  ' ',
  '\t',
  '\n',
  '\r\n',
  '\0',
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  '<',
  '>',
  '=',
  '?',
  '!',
  '%',
  '^',
  '~',
  '`',
  '$',
  '$\u007bEXTEN}',
  '$[1+1]',
  '$\u007bSHELL(id)}',
  '&PJSIP/trunk/1900',
  'é',
  '\u202e',
  '😀',
];

describe('--goto context,extension,priority', () => {
  it.each([
    ['from-internal,947,1', 'from-internal', '947', '1'],
    ['timeconditions,1,1', 'timeconditions', '1', '1'],
    ['from-trunk,+441234567,1', 'from-trunk', '+441234567', '1'],
    ['ext-group,*97,start', 'ext-group', '*97', 'start'],
    ['a.b_c-d,#9,999999', 'a.b_c-d', '#9', '999999'],
    [' from-internal , 947 , 1 ', 'from-internal', '947', '1'],
  ])('%s', (text, context, extension, priority) => {
    expect(parseGoto(text)).toEqual({ kind: 'goto', context, extension, priority });
  });

  it.each([
    '',
    ',',
    ',,',
    'from-internal',
    'from-internal,947',
    'from-internal,947,',
    'from-internal,,1',
    ',947,1',
    'from-internal,947,1,1',
    'from-internal,947,0',
    'from-internal,947,-1',
    'from-internal,947,1.5',
    'from-internal,947,01',
    'from-internal,947,1000000',
    'from-internal,947,n+1',
    `${'c'.repeat(80)},947,1`,
    `from-internal,${'9'.repeat(80)},1`,
    `from-internal,947,${'p'.repeat(41)}`,
    'goto,from-internal,947,1',
  ])('%j is none', (text) => {
    expect(() => parseGoto(text)).toThrow(
      `'${text}' is no destination: write context,extension,priority (example: from-internal,947,1)`,
    );
  });

  it.each(INJECTIONS)('%j is taken in no part of it', (mark) => {
    for (const text of [
      `from${mark}internal,947,1`,
      `from-internal,9${mark}47,1`,
      `a,1,s${mark}t`,
    ]) {
      expect(() => parseGoto(text)).toThrow(/is no destination/);
    }
  });
});

describe('--dial TECH/resource', () => {
  it.each([
    'PJSIP/951',
    'Local/951@from-internal',
    'Local/951@from-internal/n',
    'SIP/someone@elsewhere.example',
    'IAX2/user:secret@pbx.example/951',
    'DAHDI/g0/5551234',
    'PJSIP/trunk/sip:bob@example.com:5060',
  ])('%s', (device) => {
    expect(parseDial(device)).toEqual({ kind: 'dial', device });
  });

  it.each([
    '',
    'PJSIP',
    'PJSIP/',
    '/951',
    '951',
    '1SIP/951',
    'PJSIP /951',
    ' PJSIP/951',
    'PJSIP/951\n',
    'PJSIP/951&PJSIP/952',
    'PJSIP/951,30,r',
    `PJSIP/${'9'.repeat(121)}`,
    `${'T'.repeat(17)}/951`,
  ])('%j is none', (text) => {
    expect(() => parseDial(text)).toThrow(/is no single device: write TECH\/resource/);
  });

  it.each(INJECTIONS)('%j is taken nowhere in it', (mark) => {
    for (const text of [`PJ${mark}SIP/951`, `PJSIP/9${mark}51`, `PJSIP/951${mark}`]) {
      expect(() => parseDial(text)).toThrow(/is no single device/);
    }
  });
});

describe('as it is kept', () => {
  it.each(['goto,from-internal,947,1', 'dial,Local/951@from-internal'])('%s', (text) => {
    expect(formatRoute(parseRoute(text))).toBe(text);
  });

  it.each([
    ['hangup', /is no route: it must begin with 'goto,' or 'dial,'/],
    ['', /is no route/],
    ['GOTO,a,1,1', /is no route/],
    ['goto', /is no route/],
    ['goto,a,1', /is no destination/],
    ['goto,a,$\u007bEXTEN},1', /is no destination/],
    ['dial,PJSIP/1&PJSIP/2', /is no single device/],
    ['dial,', /is no single device/],
  ])('%j, edited by hand, is noticed', (text, complaint) => {
    expect(() => parseRoute(text)).toThrow(complaint);
  });

  it('whatever is read as a route is kept as text and read as the same route', () => {
    const mark = fc.constantFrom(...'azAZ09_.-+*#:@/, &$"\n');
    const text = fc.oneof(
      fc.string({ unit: mark, maxLength: 30 }).map((s) => `goto,${s}`),
      fc
        .tuple(fc.stringMatching(/^[a-z._-]{1,9}$/), fc.stringMatching(/^[0-9+*#]{1,9}$/))
        .map(([context, extension]) => `goto,${context},${extension},1`),
      fc.string({ unit: mark, maxLength: 30 }).map((s) => `dial,PJSIP/${s}`),
    );
    let read = 0;
    fc.assert(
      fc.property(text, (t) => {
        let route: ReturnType<typeof parseRoute>;
        try {
          route = parseRoute(t);
        } catch {
          return;
        }
        read++;
        expect(parseRoute(formatRoute(route))).toEqual(route);
        expect(formatRoute(route)).toMatch(/^(goto(,[\w.+*#-]+){3}|dial,\w+\/[\w.+*#:@/-]+)$/);
      }),
      { numRuns: 500 },
    );
    expect(read).toBeGreaterThan(50);
  });
});

describe('extension names', () => {
  it.each([
    ['weather', 'weather'],
    ['Weather', 'weather'],
    ['947', '947'],
    ['*97', '*97'],
    ['+441234', '+441234'],
    ['bob.smith_1-x', 'bob.smith_1-x'],
  ])('%s is kept as %s', (text, kept) => {
    expect(checkedExtension(text)).toBe(kept);
    expect(extensionKey(text)).toBe(kept);
  });

  it.each([
    '',
    ' ',
    'a b',
    'a@b',
    'a,b',
    'a&b',
    'x'.repeat(80),
    'é',
    'a\n',
    '$\u007bEXTEN}',
    '[0-9]',
  ])('%j is none', (text) => {
    expect(() => checkedExtension(text)).toThrow(/can't be an extension/);
  });
});
