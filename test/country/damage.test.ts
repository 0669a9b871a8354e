import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Address, ipv4 } from '../../src/address/index.ts';
import { type AddressFile, countryDatabase, operatorDatabase } from '../../src/country/database.ts';
import { writeMmdb } from '../../src/country/mmdb-writer.ts';
import { Fault } from '../../src/errors.ts';
import { countryFile } from '../support/mmdb.ts';
import { hasMaxmindData, maxmindFile } from '../support/shared-data.ts';

const OWN = countryFile(
  Object.fromEntries(
    Array.from({ length: 200 }, (_, i) => [
      i % 3 === 0 ? `2001:${(0xd00 + i).toString(16)}::/32` : `${i}.${i}.0.0/${16 + (i % 7)}`,
      ['SE', 'DE', 'FR', 'US'][i % 4]!,
    ]),
  ),
  { aliases: true },
);

const ADDRESSES: Address[] = Array.from({ length: 64 }, (_, i) =>
  i % 2 === 0
    ? ipv4(Math.imul(i, 0x0404_0404) >>> 0)
    : { family: 6, words: [(0x2001_0d00 + i) >>> 0, 0, 0, i] },
);

/** Opens it, asks it and lists it: whatever is in it, only a Fault may come of it. */
function use(bytes: Buffer, open: (bytes: Buffer, path: string) => AddressFile<unknown>): string {
  let database: AddressFile<unknown>;
  try {
    database = open(bytes, 'damaged');
  } catch (error) {
    if (error instanceof Fault) return error.code;
    throw error;
  }
  for (const address of ADDRESSES) {
    const answer = database.lookup(address);
    const sound =
      answer === undefined || typeof answer === 'number' || /^[A-Z]{2}$/.test(answer as string);
    if (!sound) throw new Error(`answered ${String(answer)}`);
  }
  try {
    for (const { bits } of database.networks()) if (bits > 128) throw new Error('endless');
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
  }
  return 'opened';
}

const files: [string, Buffer, typeof countryDatabase | typeof operatorDatabase][] = [
  ['our own', OWN, countryDatabase],
];
if (hasMaxmindData) {
  files.push(
    [
      'GeoLite2-Country-Test',
      readFileSync(maxmindFile('GeoLite2-Country-Test.mmdb')),
      countryDatabase,
    ],
    ['GeoLite2-ASN-Test', readFileSync(maxmindFile('GeoLite2-ASN-Test.mmdb')), operatorDatabase],
  );
}

describe.each(files)('%s', (_, bytes, open) => {
  it('opens when whole', () => {
    expect(use(bytes, open)).toBe('opened');
  });

  it('cut at any of 200 lengths: refused', () => {
    for (let i = 0; i < 200; i++) {
      const length = Math.floor((bytes.length * i) / 200);
      expect(use(bytes.subarray(0, length), open)).toMatch(/^country-file-(not|damaged)$/);
    }
  });

  it('some bytes changed: never worse than a Fault or an unknown address', () => {
    const change = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 20 }), (changes) => {
        const copy = Buffer.from(bytes);
        for (const [at, value] of changes) copy[at] = value;
        use(copy, open);
      }),
      { numRuns: 500 },
    );
  }, 60_000);

  it('a piece of noise in it: likewise', () => {
    fc.assert(
      fc.property(
        fc.nat(bytes.length - 1),
        fc.uint8Array({ minLength: 1, maxLength: 2_000 }),
        (at, noise) => {
          const copy = Buffer.from(bytes);
          copy.set(noise.subarray(0, copy.length - at), at);
          use(copy, open);
        },
      ),
      { numRuns: 200 },
    );
  }, 60_000);
});

describe('trees that lie', () => {
  const file = () =>
    Buffer.from(countryFile({ '0.0.0.0/1': 'SE', '128.0.0.0/1': 'DE' }, { ipVersion: 4 }));

  it('a node that leads back to itself: listing stops', () => {
    const bytes = countryFile(
      { '0.0.0.0/2': 'SE', '64.0.0.0/2': 'FR', '128.0.0.0/1': 'DE' },
      { ipVersion: 4 },
    );
    bytes.writeUIntBE(1, 6, 3); // node 1, left → node 1
    const database = countryDatabase(bytes, 'looped');
    expect(() => [...database.networks()]).toThrow(Fault);
  });

  it('an IPv6 tree folded into few nodes, 2^128 ways through it: listing stops', () => {
    // 126 nodes whose both sides lead to the next one, but for a way to the data at the last.
    const bytes = writeMmdb(
      [
        {
          first: { family: 6, words: [0x8000_0000, 0, 0, 0] },
          bits: 127,
          data: { country_code: 'SE' },
        },
      ],
      { type: 'Test', description: '', builtAt: new Date(0), recordSize: 24 },
    );
    for (let node = 0; node < 126; node++) {
      bytes.writeUIntBE(node + 1, node * 6, 3);
      bytes.writeUIntBE(node + 1, node * 6 + 3, 3);
    }
    const database = countryDatabase(bytes, 'folded');
    expect(() => [...database.networks()]).toThrow(Fault);
  });

  it('a reference behind the end of the file', () => {
    const bytes = file();
    bytes.writeUIntBE(0xff_ffff, 0, 3);
    expect(use(bytes, countryDatabase)).toBe('country-file-damaged');
  });
});

/** Refuses the file in no more than 100 ms of the processor's time, as others are served beside it. */
function refusedSoon(bytes: Buffer): void {
  const before = process.cpuUsage();
  expect(use(bytes, countryDatabase)).toBe('country-file-damaged');
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1_000).toBeLessThan(100);
}

/** So many lists, each of which holds the next one twice by pointers; at the end of them a text. */
function fannedOut(deep: number): Buffer {
  const lists = Array.from({ length: deep }, (_, i) => {
    const next = (i + 1) * 6;
    return [0x02, 0x04, 0x20 | (next >>> 8), next & 255, 0x20 | (next >>> 8), next & 255];
  });
  return Buffer.from([...lists.flat(), 0x42, 0x53, 0x45]);
}

describe('data that never ends', () => {
  const header = (data: Buffer) => {
    const bytes = countryFile({ '0.0.0.0/0': 'SE' }, { ipVersion: 4 });
    const dataAt = 6 + 16;
    const metadataAt = bytes.indexOf('\xab\xcd\xefMaxMind.com', 0, 'latin1');
    // The record is the last thing in the data section; the tree leads to the section's start + n.
    const section = Buffer.concat([data]);
    const whole = Buffer.concat([bytes.subarray(0, dataAt), section, bytes.subarray(metadataAt)]);
    whole.writeUIntBE(1 + 16, 0, 3);
    whole.writeUIntBE(1 + 16, 3, 3);
    return whole;
  };

  it('a pointer to itself', () => {
    expect(use(header(Buffer.from([0x20, 0x00])), countryDatabase)).toBe('country-file-damaged');
  });

  it('pointers that fan out: each list holds the next one twice, 60 deep', () => {
    refusedSoon(header(fannedOut(60)));
  });

  it('a list of sixteen million', () => {
    const data = Buffer.from([0x1f, 0x04, 0xff, 0xff, 0xff, ...Buffer.alloc(100, 0x41)]);
    refusedSoon(header(data));
  });

  it('lists of sixteen million in each other, each of which would be 128 MB of memory', () => {
    const list = [0x1f, 0x04, 0xff, 0xff, 0xff];
    refusedSoon(header(Buffer.from(Array(40).fill(list).flat())));
  });

  it('a record that points to thousands of places', () => {
    const list = Array.from({ length: 2_000 }, (_, i) => `text number ${i}`);
    const bytes = writeMmdb([{ first: ipv4(0), bits: 1, data: { country_code: 'SE', list } }], {
      type: 'Test',
      description: '',
      builtAt: new Date(0),
    });
    expect(use(bytes, countryDatabase)).toBe('country-file-damaged');
  });
});

describe('metadata that never ends', () => {
  it('pointers that fan out: each list holds the next one twice, 24 deep', () => {
    const sound = countryFile({ '0.0.0.0/0': 'SE' }, { ipVersion: 4 });
    const marker = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1');
    const tree = sound.subarray(0, sound.indexOf(marker));
    refusedSoon(Buffer.concat([tree, marker, fannedOut(24)]));
  });

  it('a list longer than the file', () => {
    const bytes = countryFile({ '0.0.0.0/0': 'SE' }, { ipVersion: 4 });
    // Found by fuzzing: the last byte of the key, and the size of the list of languages.
    bytes.set([0x20, 0x1f], bytes.lastIndexOf('languages', undefined, 'latin1') + 8);
    refusedSoon(bytes);
  });
});
