import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Address,
  addressFrom,
  addressFromBytes,
  bitsOf,
  bytesOf,
  compareAddresses,
  countedSource,
  formatAddress,
  integerOf,
  ipv4,
  ipv6,
  parseAddress,
} from '../../src/address/index.ts';

const read = (text: string): Address => {
  const address = parseAddress(text);
  if (!address) throw new Error(`no address: ${text}`);
  return address;
};

const word = fc.oneof(
  fc.constantFrom(0, 1, 0xffff, 0x10000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff),
  fc.integer({ min: 0, max: 0xffff_ffff }),
);
const anyIpv4 = word.map(ipv4);
const anyIpv6 = fc.tuple(word, word, word, word).map(ipv6);
const anyAddress = fc.oneof(anyIpv4, anyIpv6);

describe('parseAddress', () => {
  it.each([
    ['0.0.0.0', '0.0.0.0'],
    ['255.255.255.255', '255.255.255.255'],
    ['156.130.20.10', '156.130.20.10'],
    ['::', '::'],
    ['::1', '::1'],
    ['2001:DB8:0:0:0:0:0:7', '2001:db8::7'],
    ['2001:0db8::0007', '2001:db8::7'],
    ['2001:db8::192.0.2.1', '2001:db8::c000:201'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['::2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:c000:201', '192.0.2.1'],
    ['0:0:0:0:0:ffff:192.0.2.1', '192.0.2.1'],
    ['::192.0.2.1', '::c000:201'], // IPv4-compatible is another thing than IPv4-mapped
    ['::ffff:0:192.0.2.1', '::ffff:0:c000:201'], // … and so is IPv4-translated
    ['64:ff9b::192.0.2.1', '64:ff9b::c000:201'],
    ['fe80::1%eth0', 'fe80::1'],
    ['fe80::1%2', 'fe80::1'],
    ['::ffff:192.0.2.1%eth0', '192.0.2.1'],
  ])('%s is %s', (text, formatted) => {
    expect(formatAddress(read(text))).toBe(formatted);
  });

  it.each([
    ['', 'nothing'],
    ['010.0.0.1', 'octal'],
    ['192.0.2.08', 'leading zero'],
    ['0x7f.0.0.1', 'hexadecimal'],
    ['127.1', 'short form'],
    ['192.0.2', 'three numbers'],
    ['192.0.2.1.1', 'five numbers'],
    ['2625770506', 'integer'],
    ['256.0.0.1', 'too high'],
    ['-1.0.0.1', 'sign'],
    ['192.0.2.1.', 'final dot'],
    [' 192.0.2.1', 'white space before'],
    ['192.0.2.1 ', 'white space behind'],
    ['192.0.2.1\n', 'line end'],
    ['192.0.2.1\u0000', 'NUL'],
    ['192.0.2.1:5060', 'port'],
    ['192.0.2.1/24', 'prefix'],
    ['192.0.2.1%eth0', 'zone id on IPv4'],
    ['１９２.0.2.1', 'full-width digits'],
    ['[2001:db8::7]', 'brackets'],
    ['2001:db8:::7', 'three colons'],
    ['2001::db8::7', 'two gaps'],
    ['1:2:3:4:5:6:7', 'seven groups'],
    ['1:2:3:4:5:6:7:8:9', 'nine groups'],
    ['2001:db8::12345', 'a group of five'],
    ['2001:db8::g', 'no hexadecimal digit'],
    ['::ffff:192.0.2.010', 'octal in IPv4-mapped'],
    ['fe80::1%', 'empty zone id'],
    ['fe80::1%eth0 x', 'white space in the zone id'],
    ['localhost', 'a name'],
  ])('%j is none: %s', (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  it('reads IPv6 as the URL standard does', () => {
    const group = fc.integer({ min: 0, max: 0xffff }).map((n) => n.toString(16));
    const side = fc.array(fc.oneof(fc.constant('0'), group), { maxLength: 4 });
    const tail = fc.option(anyIpv4.map(formatAddress), { nil: '' });
    const text = fc
      .tuple(side, side, tail)
      .map(([left, right, dotted]) =>
        [left.join(':'), [...right, dotted].filter(Boolean).join(':')].join('::'),
      )
      .filter((candidate) => isIP(candidate) === 6);
    fc.assert(
      fc.property(text, (candidate) => {
        const expected = new URL(`http://[${candidate}]/`).hostname.slice(1, -1);
        const mapped = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(expected);
        const [high, low] = [mapped?.[1] ?? '0', mapped?.[2] ?? '0'].map((g) =>
          Number.parseInt(g, 16),
        );
        expect(formatAddress(read(candidate))).toBe(
          mapped ? formatAddress(ipv4(high! * 0x10000 + low!)) : expected,
        );
      }),
      { numRuns: 1_000 },
    );
  });

  it('never throws, and reads only what is an address', () => {
    const near = fc.string({ unit: fc.constantFrom(...'0123456789abcdef.:%/[] \n') });
    fc.assert(
      fc.property(fc.oneof(near, fc.string({ unit: 'binary' })), (text) => {
        expect(parseAddress(text) !== undefined).toBe(isIP(text) !== 0);
      }),
      { numRuns: 2_000 },
    );
  });

  it('takes groups, zeros left out, an IPv4 tail and a zone where Node.js does', () => {
    const part = fc.constantFrom(
      '0',
      'Ab9',
      'ffff',
      '',
      '',
      '1.2.3.4',
      '12345',
      'g',
      '1.2.3',
      ' 1',
    );
    const zone = fc.constantFrom('', '', '%eth0.1', '%a:b-c', '%', '%ä', '%a%b', '%a\n');
    const addresses = fc.array(fc.oneof({ weight: 5, arbitrary: fc.constant('1') }, part), {
      minLength: 1,
      maxLength: 10,
    });
    let taken = 0;
    fc.assert(
      fc.property(addresses, zone, (parts, suffix) => {
        const text = parts.join(':') + suffix;
        if (isIP(text)) taken++;
        expect(parseAddress(text) !== undefined).toBe(isIP(text) !== 0);
      }),
      { numRuns: 10_000 },
    );
    expect(taken).toBeGreaterThan(200);
  });
});

describe('formatAddress', () => {
  it('writes what parseAddress reads', () => {
    fc.assert(
      fc.property(anyAddress, (address) => {
        expect(parseAddress(formatAddress(address))).toEqual(address);
      }),
    );
  });

  it.each([
    // RFC 5952 section 4.2
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'], // a single group of zeros stays
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'], // the longest run
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'], // the first of two alike
  ])('%s becomes %s', (text, shortest) => {
    expect(formatAddress(read(text))).toBe(shortest);
  });
});

describe('integer values', () => {
  it.each([
    ['156.130.20.10', 2_625_770_506n], // as the original iputility showed it
    ['0.0.0.0', 0n],
    ['255.255.255.255', 4_294_967_295n],
    ['10.0.0.1', 167_772_161n],
    ['::', 0n],
    ['::1', 1n],
    ['2001:db8::', 42_540_766_411_282_592_856_903_984_951_653_826_560n],
    ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', (1n << 128n) - 1n],
  ])('%s is %d', (text, integer) => {
    expect(integerOf(read(text))).toBe(integer);
  });

  it('lead back to the address', () => {
    fc.assert(
      fc.property(anyAddress, (address) => {
        expect(addressFrom(address.family, integerOf(address))).toEqual(address);
        expect(integerOf(address) >> BigInt(bitsOf(address.family))).toBe(0n);
      }),
    );
  });
});

describe('bytes', () => {
  it('are 16, IPv4 as IPv4-mapped IPv6', () => {
    expect(bytesOf(read('192.0.2.1')).toString('hex')).toBe('00000000000000000000ffffc0000201');
    expect(bytesOf(read('2001:db8::7')).toString('hex')).toBe('20010db8000000000000000000000007');
  });

  it('lead back to the address', () => {
    fc.assert(
      fc.property(anyAddress, (address) => {
        expect(bytesOf(address)).toHaveLength(16);
        expect(addressFromBytes(bytesOf(address))).toEqual(address);
      }),
    );
  });

  it('sort as the addresses of one family do', () => {
    fc.assert(
      fc.property(fc.oneof(fc.tuple(anyIpv4, anyIpv4), fc.tuple(anyIpv6, anyIpv6)), ([a, b]) => {
        fc.pre(a.family === b.family);
        const order = Math.sign(compareAddresses(a, b));
        expect(Math.sign(Buffer.compare(bytesOf(a), bytesOf(b)))).toBe(order);
        expect(Math.sign(Number(integerOf(a) - integerOf(b)))).toBe(order);
      }),
    );
  });

  it('put IPv4 before IPv6 when compared as addresses', () => {
    expect(compareAddresses(read('255.255.255.255'), read('::'))).toBeLessThan(0);
    expect(compareAddresses(read('::'), read('0.0.0.0'))).toBeGreaterThan(0);
  });
});

describe('countedSource', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2:ffff::', '2001:db8:1:2::/64'],
    ['2001:db8:1:3::6', '2001:db8:1:3::/64'],
    ['::1', '::/64'],
    ['fe80::1%eth0', 'fe80::/64'],
  ])('%s counts as %s', (text, counted) => {
    expect(countedSource(read(text))).toBe(counted);
  });
});
