import fc from 'fast-check';
import { describe, it } from 'vitest';
import { ipv4 } from '../../src/address/index.ts';
import { countryDatabase } from '../../src/country/database.ts';
import { Fault } from '../../src/errors.ts';
import { fuzz } from '../support/fuzz.ts';
import { countryFile } from '../support/mmdb.ts';

/** Small, so that every length can be tried; IPv6 with an alias, as GeoLite2 has it. */
const FILE = countryFile(
  { '203.0.113.0/24': 'SE', '198.51.100.0/25': 'US', '2001:db8::/32': 'DE' },
  { aliases: true },
);
const ADDRESSES = [
  ipv4(0xcb00_7107),
  ipv4(0xc633_6407),
  { family: 6, words: [0x2001_0db8, 0, 0, 7] },
  { family: 6, words: [0, 0, 0, 1] },
] as const;

/** Opens it, asks it and lists it: only a Fault, a country code or nothing may come of it. */
function use(bytes: Buffer): void {
  try {
    const database = countryDatabase(bytes, 'damaged.mmdb');
    for (const address of ADDRESSES) {
      const country = database.lookup(address);
      if (country !== undefined && !/^[A-Z]{2}$/.test(country)) throw new Error(`${country}`);
    }
    for (const { bits } of database.networks()) if (bits > 128) throw new Error('endless');
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
  }
}

describe('a country database', () => {
  it('cut short at every length', () => {
    for (let length = 0; length < FILE.length; length++) use(FILE.subarray(0, length));
  });

  it('with bits turned over', () => {
    const flips = fc.array(fc.nat(FILE.length * 8 - 1), { minLength: 1, maxLength: 12 });
    fuzz(flips, (bits) => {
      const bytes = Buffer.from(FILE);
      for (const bit of bits) bytes[bit >> 3]! ^= 1 << (bit & 7);
      use(bytes);
    });
  });

  it('with pointers put in, those that point in a circle among them', () => {
    // A pointer of size 0 (MaxMind DB, "Output Data Section"): 001 00 vvv, then eight bits.
    const pointer = fc.record({ at: fc.nat(FILE.length - 2), target: fc.nat(255) });
    fuzz(fc.array(pointer, { minLength: 1, maxLength: 6 }), (pointers) => {
      const bytes = Buffer.from(FILE);
      for (const { at, target } of pointers) bytes.set([0x20, target], at);
      use(bytes);
    });
  });
});
