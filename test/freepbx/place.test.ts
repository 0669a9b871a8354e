import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAddress, formatRange, ipv4 } from '../../src/address/index.ts';
import { parseList, parsePlace, parseRegistration } from '../../src/freepbx/place.ts';

const shown = (place: ReturnType<typeof parsePlace>) =>
  place && (place.range ? formatRange(place.range) : place.host);

describe('a place', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['203.0.113.7:5060', '203.0.113.7'],
    ['203.0.113.0/24', '203.0.113.0/24'],
    ['203.0.113.0/255.255.255.0', '203.0.113.0/24'],
    ['203.0.113.7/255.255.255.255', '203.0.113.7'],
    ['203.0.113.7/24', '203.0.113.0/24'], // Asterisk masks the rest away
    ['0.0.0.0/0.0.0.0', '0.0.0.0/0'],
    ['2001:db8::7', '2001:db8::7'],
    ['[2001:db8::7]', '2001:db8::7'],
    ['[2001:db8::7]:5061', '2001:db8::7'],
    ['2001:db8::/32', '2001:db8::/32'],
    ['2001:db8::7/ffff:ffff::', '2001:db8::/32'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['Sip.Example.COM', 'sip.example.com'],
    ['sip.example.com:5061;transport=tls', 'sip.example.com'],
  ])('%s is %s', (text, place) => {
    expect(shown(parsePlace(text))).toBe(place);
  });

  it.each([
    ...['', ' ', '203.0.113', '203.0.113.300', '010.0.0.1', '203.0.113.0/33', '203.0.113.0/'],
    ...[
      '203.0.113.0/255.0.255.0',
      '203.0.113.0/0.0.0.255',
      '203.0.113.0/24/24',
      '/24',
      '!10.0.0.1',
    ],
    ...['2001:db8::/129', '2001:db8::/255.255.0.0', '::ffff:10.0.0.0/104', '203.0.113.7:99999'],
    ...['user@sip.example.com', 'a b.example.com', "'; DROP TABLE sip", 'sip.example.com\nx', '-1'],
    ...['all'.repeat(100), '%41.example.com'],
  ])('%j is none', (text) => {
    expect(parsePlace(text)).toBeUndefined();
  });

  it('has the same network in dots and in bits', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 0xffff_ffff }),
        fc.integer({ min: 0, max: 32 }),
        (value, bits) => {
          const mask = formatAddress(ipv4(bits === 0 ? 0 : (0xffff_ffff << (32 - bits)) >>> 0));
          const base = formatAddress(ipv4(value));
          expect(parsePlace(`${base}/${mask}`)).toEqual(parsePlace(`${base}/${bits}`));
        },
      ),
    );
  });

  it('is never made of noise, and never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const place = parsePlace(text);
        if (place?.host !== undefined) expect(place.host).toMatch(/^[a-z0-9.-]+$/);
      }),
    );
  });
});

describe('a list', () => {
  it.each<[string, string[]]>([
    ['', []],
    ['203.0.113.7', ['203.0.113.7']],
    ['203.0.113.7&203.0.113.8', ['203.0.113.7', '203.0.113.8']],
    [
      ' 203.0.113.7, 2001:db8::7 ,, a.example.com ',
      ['203.0.113.7', '2001:db8::7', 'a.example.com'],
    ],
  ])('%j has its entries', (text, entries) => {
    expect(parseList(text)).toEqual(entries);
  });
});

describe('a registration', () => {
  it.each([
    ['user:secret@sip.example.com', 'sip.example.com'],
    ['user:secret:auth@sip.example.com:5061/15551234~120', 'sip.example.com'],
    ['peer?tls://user@example.org:p@ss:auth@203.0.113.7:5061/1', '203.0.113.7'],
    ['user:secret@[2001:db8::7]:4569', '2001:db8::7'],
  ])('%s is with %s', (text, place) => {
    expect(shown(parseRegistration(text))).toBe(place);
  });

  it.each(['', 'sip.example.com', 'user:secret@', 'user:secret@a b', 'user@x/y@'])(
    '%j is none',
    (text) => {
      expect(parseRegistration(text)).toBeUndefined();
    },
  );
});
