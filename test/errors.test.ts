import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FAULT_CODES, Fault, type FaultCode, fault, oneLine } from '../src/errors.ts';

const render = (code: FaultCode, ...args: unknown[]) =>
  (fault as (code: FaultCode, ...args: unknown[]) => Fault)(code, ...args);

describe('every message', () => {
  const args = (value: (n: number) => unknown) => Array.from({ length: 8 }, (_, n) => value(n));

  it.each(FAULT_CODES)('%s is one line for a person to read', (code) => {
    const error = render(code, ...args((n) => `VALUE${n}`));
    expect(error).toBeInstanceOf(Fault);
    expect([error.name, error.code]).toEqual(['Fault', code]);
    expect(error.message.length).toBeGreaterThan(10);
    expect(error.message).not.toMatch(/undefined|null|NaN|\[object|\$\{/);
    expect(error.message).toBe(error.message.trim());
    expect(error.message).not.toMatch(/[.!]$/); // a line of the CLI, no sentence of a book
  });

  it.each(FAULT_CODES)('%s stays on its line whatever it quotes', (code) => {
    const hostile = 'a\r\nb\u0000\u001b[31m\u202e\u2028c';
    const { message } = render(code, ...args(() => hostile));
    expect(message).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  });

  it.each(FAULT_CODES)('%s tells apart what it is given', (code) => {
    const plain = render(code, ...args(() => 'x')).message;
    const other = render(code, ...args(() => 'another')).message;
    expect(other === plain).toBe(!messageTakesArguments(code));
  });

  const messageTakesArguments = (code: FaultCode) =>
    render(code, ...args((n) => `VALUE${n}`)).message.includes('VALUE');
});

describe('messages in full', () => {
  it.each<[Fault, string]>([
    [
      fault('config-unreadable', '/etc/x.toml', 'ENOENT'),
      "/etc/x.toml: can't be read (ENOENT); check the name and its permissions",
    ],
    [
      fault('config-value', '/etc/x.toml line 3', 'agi.port', 'expected a whole number'),
      '/etc/x.toml line 3: agi.port: expected a whole number',
    ],
    [
      fault('config-secret-twice', 'mail.password', 'mail.password_file'),
      'mail.password and mail.password_file are both set; keep one',
    ],
    [
      fault('database-newer', '/data/x.db', 9, 2),
      'database /data/x.db: made by a newer ipcountry (version 9, this one knows 2); upgrade ipcountry',
    ],
    [
      fault('address-invalid', '010.0.0.1'),
      "'010.0.0.1' is no address: write IPv4 with four decimal numbers (203.0.113.7) or IPv6 (2001:db8::7)",
    ],
    [
      fault('cidr-prefix', '192.0.2.0/33', 32),
      "'192.0.2.0/33': the part behind the slash must be a whole number from 0 to 32",
    ],
    [
      fault('cidr-host-bits', '192.0.2.7/24', '192.0.2.0/24'),
      "'192.0.2.7/24' has bits set behind its prefix; did you mean 192.0.2.0/24?",
    ],
    [
      fault('range-order', '192.0.2.9', '192.0.2.3'),
      'the range ends before it begins: write 192.0.2.3 first, then 192.0.2.9',
    ],
  ])('%s', (error, message) => {
    expect(error.message).toBe(message);
  });
});

describe('oneLine', () => {
  it.each([
    ['plain, with ümläuts and 📞', 'plain, with ümläuts and 📞'],
    ['a\r\nb', 'a\\x0d\\x0ab'],
    ['\u0000\u001b[2J\u009b', '\\x00\\x1b[2J\\x9b'],
    ['evil\u202etxt.exe', 'evil\\u{202e}txt.exe'],
    ['zero\u200bwidth\ufeff', 'zero\\u{200b}width\\u{feff}'],
    ['tag\u{e0041}', 'tag\\u{e0041}'],
    ['half \ud83d pair', 'half \\u{d83d} pair'],
    ['line\u2028separator', 'line\\u{2028}separator'],
  ])('%j → %j', (text, shown) => {
    expect(oneLine(text)).toBe(shown);
  });

  it('leaves nothing that a terminal or a line reader acts on, and is stable', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const shown = oneLine(text);
        expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
        expect(oneLine(shown)).toBe(shown);
      }),
    );
  });
});
