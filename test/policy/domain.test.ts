import { describe, expect, it } from 'vitest';
import { checkedDomain, domainKey } from '../../src/policy/index.ts';

describe('a domain of ours', () => {
  it.each([
    ['sip.example.com', 'sip.example.com'],
    ['SIP.Example.COM.', 'sip.example.com'],
    ['pbx', 'pbx'],
    ['192.0.2.1', '192.0.2.1'],
    ['[2001:DB8::1]', '2001:db8::1'],
    ['2001:db8:0:0::1', '2001:db8::1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
  ])('%s is kept as %s', (text, kept) => {
    expect(checkedDomain(text)).toBe(kept);
  });

  it.each([
    '',
    '.',
    'sip.example.com:5060',
    'sip:sip.example.com',
    'bob@sip.example.com',
    '*.example.com',
    'sip..example.com',
    '-sip.example.com',
    'sip.example.com/x',
    'sip example.com',
    '999.1.1.1',
    '1.2.3',
    'bücher.example',
    'a\nb',
    `${'a.'.repeat(127)}b`,
  ])('%j is none', (text) => {
    expect(() => checkedDomain(text)).toThrow(/is no domain: write the host name alone/);
  });
});

it.each([
  ['SIP.EXAMPLE.COM', 'sip.example.com'],
  ['sip.example.com.', 'sip.example.com'],
  ['[2001:DB8::1]', '2001:db8::1'],
  ['', ''],
  ['a b"c', 'a b"c'],
])('called as %j, it is compared as %j', (called, key) => {
  expect(domainKey(called)).toBe(key);
});
