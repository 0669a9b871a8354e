import { describe, expect, it } from 'vitest';
import { parseEnvironment } from '../../src/agi/environment.ts';
import { environment } from '../support/agi-peer.ts';

const sound = (text: string) => parseEnvironment(text).sound;
const base =
  'agi_network: yes\nagi_type: PJSIP\nagi_callerid: unknown\nagi_arg_1: source=192.0.2.1\n\n';

describe('an environment that Asterisk wrote', () => {
  it('is sound, and every value is whole', () => {
    const { values, sound } = parseEnvironment(
      environment({ arguments: [['source', '[2001:db8::1]:5060']] }),
    );
    expect(sound).toBe(true);
    expect(values.get('agi_request')).toBe('agi://127.0.0.1:4573/external');
    expect(values.get('agi_accountcode')).toBe('');
    expect(values.get('agi_arg_1')).toBe('source=%5B2001%3Adb8%3A%3A1%5D%3A5060');
    expect(values.size).toBe(23);
  });

  it.each([
    ['a colon and blanks', 'a: b: c', 'a: b: c'],
    ['blanks at its ends', '  x ', '  x '],
    ['a carriage return: only a line feed ends a line', 'a\rb', 'a\rb'],
    ['a line separator of Unicode', 'a\u2028b\u2029c', 'a\u2028b\u2029c'],
    ['a quote and a backslash', 'a"b\\', 'a"b\\'],
    ['the word HANGUP', 'HANGUP', 'HANGUP'],
  ])('a value with %s', (_, text, value) => {
    const parsed = parseEnvironment(environment({ callerid: text }));
    expect(parsed.sound).toBe(true);
    expect(parsed.values.get('agi_callerid')).toBe(value);
  });

  it('may be followed by HANGUP: the caller hung up at once', () => {
    expect(sound(`${base}HANGUP\n`)).toBe(true);
  });
});

describe('an environment that a caller had a hand in', () => {
  it.each([
    ['a name that stands twice', base.replace('\n\n', '\nagi_arg_1: source=192.0.2.2\n\n')],
    ['a line without a name', base.replace('unknown', 'foo\nbar')],
    ['a name of another kind', base.replace('unknown', 'foo\nsource: 1.2.3.4')],
    ['a name in capitals', base.replace('unknown', 'foo\nAGI_ARG_9: x')],
    ['the word HANGUP on a line', base.replace('unknown', 'foo\nHANGUP')],
    ['text behind the blank line', `${base}agi_calleridname: unknown\n`],
    ['half a line behind the blank line', `${base}a`],
    ['a second blank line', `${base}\n`],
    ['more than HANGUP behind the blank line', `${base}HANGUP\nagi_calleridname: x\n`],
    ['a reply behind the blank line', `${base}200 result=1\n`],
    ['a line feed first', `\n${base}`],
  ])('%s is not sound', (_, text) => {
    expect(sound(text)).toBe(false);
  });

  it.each(['', '\n', '\n\n', 'agi_network: yes\n', 'agi_network: yes'])(
    '%j is not sound',
    (text) => {
      expect(sound(text)).toBe(false);
    },
  );

  it('keeps the first value of a name: what Asterisk writes first is its own', () => {
    const { values } = parseEnvironment('agi_type: PJSIP\nagi_type: DAHDI\n\n');
    expect(values.get('agi_type')).toBe('PJSIP');
  });
});
