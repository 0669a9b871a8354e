import { mkdtempSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseAddress } from '../../src/address/index.ts';
import { countryPaths, openCountryData } from '../../src/country/country-data.ts';
import { writeMmdb } from '../../src/country/mmdb-writer.ts';
import { listeningLog } from '../support/log.ts';
import { countryFile, network } from '../support/mmdb.ts';

let folder: string;
let path: string;
let { log, lines: logged } = listeningLog();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ipcountry-test-'));
  path = join(folder, 'country.mmdb');
  ({ log, lines: logged } = listeningLog());
});
afterEach(() => rmSync(folder, { recursive: true }));

const sweden = countryFile({ '192.0.2.0/24': 'SE' });
const norway = countryFile({ '192.0.2.0/24': 'NO' });
const address = parseAddress('192.0.2.1')!;
const open = (mayBeMissing = false) =>
  openCountryData({ country: path, mayBeMissing, operators: undefined }, log);
const messages = (level: number) => logged.filter((line) => line.level === level);

/** As a careful program replaces a file. */
function replace(bytes: Buffer) {
  writeFileSync(`${path}.new`, bytes);
  renameSync(`${path}.new`, path);
}

describe('opening', () => {
  it('a country file, and an operator file beside it', () => {
    writeFileSync(path, sweden);
    const operators = join(folder, 'asn.mmdb');
    const data = [{ ...network('192.0.2.0/24'), data: { asn: 64_500 } }];
    writeFileSync(operators, writeMmdb(data, { type: 'A', description: '', builtAt: new Date() }));
    const country = openCountryData({ country: path, mayBeMissing: false, operators }, log);
    expect(country.country(address)).toBe('SE');
    expect(country.operator(address)).toBe(64_500);
    expect(country.isSample()).toBe(false);
    expect(logged).toEqual([]);
  });

  it('no operator file: no operators', () => {
    writeFileSync(path, sweden);
    expect(open().operator(address)).toBeUndefined();
    expect(open().operators()).toBeUndefined();
  });

  it('a missing file that may be missing: the sample stands in, and the log says so', () => {
    const country = open(true);
    expect(country.isSample()).toBe(true);
    expect(country.country(parseAddress('8.8.8.8')!)).toBe('US');
    expect(country.country(address)).toBeUndefined();
    expect(messages(40)).toHaveLength(1);
    expect(messages(40)[0]!.msg).toContain('sample');
  });

  it('a missing file that was asked for: an error that names it', () => {
    expect(() => open()).toThrow(`country database ${path}: can't be read (ENOENT)`);
  });

  it('a damaged file: an error that names it, though it may be missing', () => {
    writeFileSync(path, sweden.subarray(0, sweden.length - 50));
    expect(() => open(true)).toThrow(`country database ${path}: damaged`);
  });

  it('a folder: an error', () => {
    expect(() =>
      openCountryData({ country: folder, mayBeMissing: true, operators: undefined }, log),
    ).toThrow('EISDIR');
  });

  it('paths come from the configuration', () => {
    const config = { schedule: '', source: 'none' as const };
    expect(countryPaths({ country: config, dataFolder: '/d' })).toEqual({
      country: '/d/country.mmdb',
      mayBeMissing: true,
      operators: undefined,
    });
    const given = { ...config, path: '/x/c.mmdb', asn_path: '/x/a.mmdb' };
    expect(countryPaths({ country: given, dataFolder: '/d' })).toEqual({
      country: '/x/c.mmdb',
      mayBeMissing: false,
      operators: '/x/a.mmdb',
    });
  });
});

describe('a file that is replaced', () => {
  it('is taken once it has settled', async () => {
    writeFileSync(path, sweden);
    const country = open();
    replace(norway);
    await country.refresh(); // sees that it changed
    await country.refresh(); // sees that it stays
    expect(country.country(address)).toBe('NO');
    expect(messages(30).map(({ msg }) => msg)).toEqual(['country database loaded']);
  });

  it('still being written: waits, and the log is quiet', async () => {
    writeFileSync(path, sweden);
    const country = open();
    for (let length = 100; length < norway.length; length += 200) {
      writeFileSync(path, norway.subarray(0, length));
      await country.refresh();
      expect(country.country(address)).toBe('SE');
    }
    expect(logged).toEqual([]);
    writeFileSync(path, norway);
    await country.refresh();
    await country.refresh();
    expect(country.country(address)).toBe('NO');
  });

  it('by one of the same size and time is noticed, too', async () => {
    writeFileSync(path, sweden);
    const { atime, mtime, size } = statSync(path);
    const country = open();
    expect(norway.length).toBe(size);
    writeFileSync(`${path}.new`, norway);
    utimesSync(`${path}.new`, atime, mtime);
    renameSync(`${path}.new`, path);
    await country.refresh();
    await country.refresh();
    expect(country.country(address)).toBe('NO');
  });

  it('untouched: nothing is read again', async () => {
    writeFileSync(path, sweden);
    const country = open();
    const before = country.countries();
    for (let i = 0; i < 3; i++) await country.refresh();
    expect(country.countries()).toBe(before);
  });

  it.each([
    ['a damaged one', sweden.subarray(0, sweden.length - 50)],
    ['no mmdb file', Buffer.from('<html>')],
    ['an empty one', Buffer.alloc(0)],
    ['one without countries', countryFile({})],
  ])('by %s: the last good one is kept, said once', async (_, bytes) => {
    writeFileSync(path, norway);
    const country = open();
    replace(bytes);
    for (let i = 0; i < 5; i++) await country.refresh();
    expect(country.country(address)).toBe('NO');
    expect(messages(50)).toHaveLength(1);
    expect(messages(50)[0]).toMatchObject({ path });
    expect(messages(50)[0]!.msg).toContain('kept');
    expect(messages(50)[0]!.fault).toContain(path);
    replace(sweden);
    for (let i = 0; i < 2; i++) await country.refresh();
    expect(country.country(address)).toBe('SE');
  });

  it('whose damage lies deep inside: found by walking all of it', async () => {
    const spread = Array.from({ length: 4_000 }, (_, i) => [`10.${i >> 8}.${i & 255}.0/24`, 'SE']);
    const bytes = countryFile({ ...Object.fromEntries(spread), '192.0.2.0/24': 'SE' });
    const treeEnd = bytes.indexOf(Buffer.alloc(16), 1_000);
    bytes.writeUIntBE(0xff_fff0, treeEnd - 6 * 900, 3); // one record of thousands leads nowhere
    writeFileSync(path, norway);
    const country = open();
    replace(bytes);
    await country.reload();
    expect(country.country(address)).toBe('NO');
    expect(messages(50)).toHaveLength(1);
  });

  it('that is deleted: the last good one is kept, said once; a new one is taken', async () => {
    writeFileSync(path, norway);
    const country = open();
    rmSync(path);
    for (let i = 0; i < 5; i++) await country.refresh();
    expect(country.country(address)).toBe('NO');
    expect(messages(40)).toHaveLength(1);
    replace(sweden);
    for (let i = 0; i < 2; i++) await country.refresh();
    expect(country.country(address)).toBe('SE');
  });

  it('that comes when only the sample was there', async () => {
    const country = open(true);
    await country.reload();
    expect(messages(50)).toEqual([]);
    replace(sweden);
    for (let i = 0; i < 2; i++) await country.refresh();
    expect(country.isSample()).toBe(false);
    expect(country.country(address)).toBe('SE');
  });

  it('answers while the new one is read', async () => {
    writeFileSync(path, sweden);
    const country = open();
    replace(norway);
    const reloaded = country.reload();
    expect(country.country(address)).toBe('SE');
    await reloaded;
    expect(country.country(address)).toBe('NO');
  });
});
