import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAddress, ipv4, ipv6 } from '../../src/address/index.ts';
import { parseSource } from '../../src/sip/index.ts';

const read = (text: string) => {
  const address = parseSource(text);
  return address && formatAddress(address);
};

describe('parseSource', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7', 'chan_sip recvip, chan_iax2 peerip'],
    ['192.0.2.7:5060', '192.0.2.7', 'chan_pjsip remote_addr'],
    ['192.0.2.7:0', '192.0.2.7', 'port 0, as an unset port shows'],
    ['192.0.2.7:65535', '192.0.2.7', 'the highest port'],
    ['2001:db8::7', '2001:db8::7', 'bare IPv6'],
    ['2001:db8::7:5060', '2001:db8::7:5060', 'no port without brackets (RFC 5118 section 4.3)'],
    ['[2001:db8::7]', '2001:db8::7', 'brackets without port'],
    ['[2001:db8::7]:5060', '2001:db8::7', 'brackets with port'],
    ['[::ffff:192.0.2.7]:5060', '192.0.2.7', 'IPv4 on a dual-stack socket'],
    ['::ffff:192.0.2.7', '192.0.2.7', 'the same, bare'],
    ['fe80::7%eth0', 'fe80::7', 'zone id'],
    ['[fe80::7%eth0]:5060', 'fe80::7', 'zone id inside the brackets'],
    ['[fe80::7]%eth0:5060', 'fe80::7', 'zone id outside the brackets'],
    ['[fe80::7%eth0.100]', 'fe80::7', 'zone id of a VLAN interface'],
  ])('%s is %s: %s', (text, address) => {
    expect(read(text)).toBe(address);
  });

  it.each([
    ['', 'nothing'],
    ['(null)', 'what C prints for a missing string'],
    ['-none-', "chan_sip's word for a peer without address"],
    [' 192.0.2.7', 'white space before'],
    ['192.0.2.7 ', 'white space behind'],
    ['192.0.2.7\n', 'a line end'],
    ['192.0.2.7\u0000', 'a NUL'],
    ['192.0.2.7:', 'no port behind the colon'],
    ['192.0.2.7:65536', 'a port too high'],
    ['192.0.2.7:05060', 'a leading zero'],
    ['192.0.2.7:+5060', 'a sign'],
    ['192.0.2.7:5060:5061', 'two ports'],
    ['192.0.2.7:٥٠٦٠', 'digits of another script'],
    ['192.0.2:5060', 'a short form'],
    ['010.0.0.1', 'an octal form'],
    ['0x7f.0.0.1', 'a hexadecimal form'],
    ['3221225991', 'an integer'],
    ['[192.0.2.7]:5060', 'IPv4 in brackets'],
    ['[2001:db8::7', 'no closing bracket'],
    ['2001:db8::7]', 'no opening bracket'],
    ['[[2001:db8::7]]', 'two pairs of brackets'],
    ['[2001:db8::7]5060', 'no colon before the port'],
    ['[2001:db8::7]:', 'no port behind the colon'],
    ['[2001:db8::7]:99999', 'a port too high'],
    ['[2001:db8::7]:5060x', 'something behind the port'],
    ['[]:5060', 'nothing in the brackets'],
    ['[fe80::7%]:5060', 'an empty zone id'],
    ['sip.example.com:5060', 'a host name'],
    ['192.0.2.7, 198.51.100.7', 'two addresses'],
    ['2001:db8::7/64', 'a network'],
  ])('%j is no source: %s', (text) => {
    expect(parseSource(text)).toBeUndefined();
  });

  it('bounds what it looks at', () => {
    expect(parseSource(`fe80::7%${'a'.repeat(92)}`)).toBeDefined();
    expect(parseSource(`fe80::7%${'a'.repeat(93)}`)).toBeUndefined();
  });

  const word = fc.integer({ min: 0, max: 0xffff_ffff });
  const address = fc.oneof(word.map(ipv4), fc.tuple(word, word, word, word).map(ipv6));

  it('reads every address in every form that a driver gives', () => {
    fc.assert(
      fc.property(address, fc.integer({ min: 0, max: 65_535 }), (source, port) => {
        const text = formatAddress(source);
        expect(parseSource(text)).toEqual(source);
        if (source.family === 4) {
          expect(parseSource(`${text}:${port}`)).toEqual(source);
          expect(parseSource(`[::ffff:${text}]:${port}`)).toEqual(source);
        } else {
          expect(parseSource(`[${text}]`)).toEqual(source);
          expect(parseSource(`[${text}]:${port}`)).toEqual(source);
        }
      }),
    );
  });

  it('never throws, and what it reads of any text is an address again', () => {
    const hostile = fc.string({ unit: fc.constantFrom(...'0123456789abcdef.:[]%-/ \n\u0000x') });
    fc.assert(
      fc.property(fc.oneof(hostile, fc.string({ unit: 'binary' })), (text) => {
        const source = parseSource(text);
        if (source) expect(parseSource(formatAddress(source))).toEqual(source);
      }),
      { numRuns: 2_000 },
    );
  });
});
