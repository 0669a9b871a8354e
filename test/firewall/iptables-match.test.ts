import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { containing, toPorts } from '../../src/firewall/iptables-match.ts';

describe('ports', () => {
  const range = (n: number) => `${n}-${n + 1}`;
  const many = (count: number, port: (n: number) => string) =>
    Array.from({ length: count }, (_, i) => port(1_000 + 10 * i));

  it.each([
    [[], []],
    [['5060'], ['5060']],
    [['5060', '10000-20000'], ['5060,10000:20000']],
    [['22-22'], ['22']],
    [many(15, String), [many(15, String).join()]],
    [many(16, String), [many(15, String).join(), '1150']],
    // A range takes two places of fifteen.
    [many(8, range), [many(7, range).join().replaceAll('-', ':'), '1070:1071']],
  ])('%j', (ports, groups) => {
    expect(toPorts('udp', ports)).toEqual(
      groups.map((group) => `-p udp -m multiport --dports ${group}`),
    );
  });
});

describe('text', () => {
  const pattern = (text: string) => containing(text, { to: 1500 }).split(' --to 1500 ')[1];

  it.each([
    ['friendly-scanner', '--string "friendly-scanner"'],
    ['sip:nm@nm', '--string "sip:nm@nm"'],
    ['cisco-sipgw/ios 12', '--string "cisco-sipgw/ios 12"'],
    ['a"b', '--hex-string "|612262|"'],
    ['a\\', '--hex-string "|615c|"'],
    ['a\n-A INPUT -j DROP', '--hex-string "|610a2d4120494e505554202d6a2044524f50|"'],
    ["'; reboot", '--hex-string "|273b207265626f6f74|"'],
    ['-j ACCEPT', '--hex-string "|2d6a20414343455054|"'],
    ['!x', '--hex-string "|2178|"'],
    ['|00|', '--hex-string "|7c30307c|"'],
    ['é', '--hex-string "|c3a9|"'],
  ])('%j can not leave its place', (text, expected) => {
    expect(pattern(text)).toBe(expected);
  });

  it('is cut to the 128 bytes that iptables takes', () => {
    expect(pattern('x'.repeat(200))).toBe(`--string "${'x'.repeat(128)}"`);
    expect(pattern('é'.repeat(200))).toBe(`--hex-string "|${'c3a9'.repeat(64)}|"`);
  });

  it('is one word of safe characters, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (text) => {
        expect(pattern(text)).toMatch(/^--(hex-string "\|[0-9a-f]+\|"|string "[\w.:@/ -]+")$/);
      }),
    );
  });
});
