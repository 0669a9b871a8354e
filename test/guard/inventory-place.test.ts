import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatRange } from '../../src/address/index.ts';
import {
  type Place,
  placeOfAddress,
  placeOfHost,
  placeOfUri,
  placesOfMatch,
} from '../../src/guard/inventory-place.ts';

/** An address or network as text, `host NAME`, or `-` for nothing. */
const text = ({ range, host }: Place) =>
  range ? formatRange(range) : host === undefined ? '-' : `host ${host}`;

describe('a contact URI', () => {
  it.each([
    ['sip:1001@81.2.69.142:5060', '81.2.69.142'],
    ['sip:1001@81.2.69.142', '81.2.69.142'],
    ['sip:81.2.69.161:5060', '81.2.69.161'],
    ['sips:1001@81.2.69.142:5061;transport=TLS', '81.2.69.142'],
    ['sip:1001@[2001:db8::7]:5060;transport=ws', '2001:db8::7'],
    ['sip:1001@[::ffff:81.2.69.142]:5060', '81.2.69.142'],
    ['sip:1001@81.2.69.142:1024;x-ast-orig-host=192.168.0.5:5060', '81.2.69.142'],
    ['sip:1001@[2001:db8::7]:5060;x-ast-orig-host=[fd00::5]:5060', '2001:db8::7'],
    ['sip:a;b?c@81.2.69.142:5060', '81.2.69.142'],
    ['sip:81.2.69.142@203.0.113.9:5060', '203.0.113.9'],
    ['sip:gateway@SIP.Provider.example', 'host sip.provider.example'],
    ['sip:3n8s2@df7jal23ls0d.invalid;transport=ws', 'host df7jal23ls0d.invalid'],
    ['sip:1001@010.1.2.3', 'host sip:1001@010.1.2.3'],
    ['tel:+12015550123', 'host tel:+12015550123'],
    ['nonsense', 'host nonsense'],
    ['', '-'],
  ])('%s', (uri, place) => {
    expect(text(placeOfUri(uri))).toBe(place);
  });

  it('can be anything', () => {
    fc.assert(fc.property(fc.string(), (uri) => void placeOfUri(uri)));
  });
});

describe('a host', () => {
  it.each([
    ['81.2.69.161:4569', '81.2.69.161'],
    ['[2001:218::9]:5060', '2001:218::9'],
    ['2001:218::9', '2001:218::9'],
    ['SIP.provider.example', 'host sip.provider.example'],
    ['sip.provider.example:5060', 'host sip.provider.example'],
    ['', '-'],
  ])('of a registration: %s', (host, place) => {
    expect(text(placeOfHost(host))).toBe(place);
  });

  it.each(['-none-', '(null)', '(Unspecified)', '0.0.0.0', '::', ''])(
    'that is none: %s',
    (none) => {
      expect(text(placeOfAddress(none))).toBe('-');
    },
  );
});

describe('the match of an identify', () => {
  it.each<[string, string[]]>([
    ['81.2.69.160/255.255.255.255', ['81.2.69.160']],
    [
      '81.2.69.176/255.255.255.240,2001:218:1::/ffff:ffff:ffff::',
      ['81.2.69.176/28', '2001:218:1::/48'],
    ],
    ['81.2.69.160', ['81.2.69.160']],
    ['81.2.69.176/28, 2001:218::/32', ['81.2.69.176/28', '2001:218::/32']],
    ['81.2.69.0/0.0.0.0', ['0.0.0.0/0']],
    ['2001:218::/::', ['::/0']],
    ['81.2.69.0/255.255.255.0,!81.2.69.160/255.255.255.255', ['81.2.69.0/24']],
    ['::ffff:81.2.69.176/ffff:ffff:ffff:ffff:ffff:ffff:ffff:fff0', ['81.2.69.176/28']],
    ['81.2.69.0/255.0.255.0', ['host 81.2.69.0/255.0.255.0']],
    ['81.2.69.0/33', ['host 81.2.69.0/33']],
    ['81.2.69.0/ffff::', ['host 81.2.69.0/ffff::']],
    ['sip.provider.example', ['host sip.provider.example']],
    ['', []],
  ])('%s', (match, places) => {
    expect(placesOfMatch(match).map(text)).toEqual(places);
  });

  it('has every mask, as Asterisk writes them', () => {
    for (let bits = 0; bits <= 32; bits++) {
      const mask = bits === 0 ? 0 : (0xffffffff << (32 - bits)) >>> 0;
      const dotted = [24, 16, 8, 0].map((shift) => (mask >>> shift) & 255).join('.');
      const [place] = placesOfMatch(`192.0.2.1/${dotted}`);
      const [wanted] = placesOfMatch(`192.0.2.1/${bits}`);
      expect(text(place!)).toBe(text(wanted!));
    }
  });
});
