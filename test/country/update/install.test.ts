import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeMmdb } from '../../../src/country/mmdb-writer.ts';
import { installFile } from '../../../src/country/update/index.ts';
import { withLock } from '../../../src/country/update/lock.ts';
import { network } from '../../support/mmdb.ts';
import { countries, NEW, OLD, tarGz, workplace } from './fixture.ts';

let place: ReturnType<typeof workplace>;
beforeEach(() => {
  place = workplace();
});
afterEach(() => place.remove());

/** Installs these bytes as a file named `name`. */
function install(bytes: Buffer, options = {}, name = 'new.mmdb') {
  const file = join(place.folder, name);
  writeFileSync(file, bytes);
  return installFile(file, { which: 'countries', path: place.path }, options);
}

const kept = () => place.present().equals(OLD) && !place.exists('country.mmdb.download');

describe('a file from the disk is taken', () => {
  it.each([
    ['plain', async () => NEW],
    ['gzipped', async () => gzipSync(NEW)],
    ['in a gzipped tar', () => tarGz(NEW)],
    ['in a tar', async () => (await import('node:zlib')).gunzipSync(await tarGz(NEW))],
  ])('%s, whatever its name', async (_, bytes) => {
    expect(await install(await bytes(), {}, 'some.file')).toMatchObject({
      outcome: 'updated',
      networks: 101,
      networksBefore: 100,
    });
    expect(place.present().equals(NEW)).toBe(true);
    expect(place.exists('some.file')).toBe(true);
  });

  it('in the place of a damaged one, whatever that was', async () => {
    writeFileSync(place.path, 'nonsense');
    expect(await install(countries(3))).toMatchObject({
      outcome: 'updated',
      networksBefore: undefined,
    });
  });

  it('that is what we have: nothing changes', async () => {
    expect((await install(OLD)).outcome).toBe('unchanged');
    expect(kept()).toBe(true);
  });

  it('that an earlier, killed update left half of: cleaned up', async () => {
    writeFileSync(`${place.path}.download`, 'half a file');
    expect((await install(NEW)).outcome).toBe('updated');
    expect(place.exists('country.mmdb.download')).toBe(false);
  });
});

describe('a file is refused, and the present one kept, if it', () => {
  const january = { builtAt: new Date('2025-12-31T23:59:59Z') };
  const cases: [string, string, () => Buffer | Promise<Buffer>][] = [
    ['is no database', 'update-damaged', () => Buffer.from('<html>')],
    ['is empty', 'update-damaged', () => Buffer.alloc(0)],
    ['is cut', 'update-damaged', () => NEW.subarray(0, NEW.length - 1_000)],
    ['is damaged in one record of many', 'update-damaged', () => oneBadRecord()],
    ['holds AS numbers', 'update-kind', () => operators()],
    ['is older', 'update-older', () => countries(200, january)],
    ['lost more than a tenth of its networks', 'update-shrunken', () => countries(89)],
  ];
  it.each(cases)('%s', async (_, code, bytes) => {
    const result = await install(await bytes());
    expect(result).toMatchObject({ outcome: 'refused', refusal: { code } });
    expect(kept()).toBe(true);
    if (result.outcome === 'refused') expect(result.refusal.message).toContain(place.path);
  });

  it('but a tenth may go', async () => {
    expect((await install(countries(90))).outcome).toBe('updated');
  });

  it('and a file of the same time is not older', async () => {
    const same = countries(100, { builtAt: new Date('2026-01-01T00:00:00Z'), type: 'Other' });
    expect((await install(same)).outcome).toBe('updated');
  });

  it.each([
    ['older', () => countries(200, january)],
    ['shrunken', () => countries(10)],
  ])('force takes one that is %s', async (_, bytes) => {
    expect((await install(bytes(), { force: true })).outcome).toBe('updated');
  });

  it('force takes no damaged one', async () => {
    const result = await install(oneBadRecord(), { force: true });
    expect(result).toMatchObject({ outcome: 'refused', refusal: { code: 'update-damaged' } });
    expect(kept()).toBe(true);
  });
});

function oneBadRecord(): Buffer {
  const bytes = Buffer.from(countries(4_000));
  bytes.writeUIntBE(0xff_fff0, 6 * 5_000, 3);
  return bytes;
}

function operators(): Buffer {
  return writeMmdb([{ ...network('192.0.2.0/24'), data: { asn: 64_500 } }], {
    type: 'Test-ASN',
    description: '',
    builtAt: new Date('2026-02-01T00:00:00Z'),
  });
}

it('an operator database is checked as one', async () => {
  const file = join(place.folder, 'new.mmdb');
  const path = join(place.folder, 'asn.mmdb');
  writeFileSync(file, operators());
  expect(await installFile(file, { which: 'operators', path })).toMatchObject({
    outcome: 'updated',
    networks: 1,
  });
  writeFileSync(file, NEW);
  expect(await installFile(file, { which: 'operators', path })).toMatchObject({
    refusal: { code: 'update-kind' },
  });
});

describe('the disk', () => {
  it('a file that is not there: an error that names it', async () => {
    const missing = join(place.folder, 'missing.mmdb');
    const target = { which: 'countries', path: place.path } as const;
    await expect(installFile(missing, target)).rejects.toThrow(
      `${missing}: can't be read (ENOENT)`,
    );
    expect(kept()).toBe(true);
  });

  it('a gzip that is cut: an error, and nothing is still being written behind it', async () => {
    const cut = gzipSync(NEW).subarray(0, 300);
    for (let i = 0; i < 200; i++) {
      await expect(install(cut)).rejects.toMatchObject({ code: 'update-source-file' });
      expect(kept()).toBe(true);
    }
  });

  it('a folder where the file should be written: an error', async () => {
    mkdirSync(`${place.path}.download`);
    rmSync(place.path);
    await expect(install(NEW)).rejects.toMatchObject({ code: 'update-write' });
    expect(place.exists('country.mmdb')).toBe(false);
  });

  it.skipIf(process.getuid?.() === 0)('a folder that may not be written to: an error', async () => {
    const file = join(place.folder, 'new.mmdb');
    writeFileSync(file, NEW);
    const folder = join(place.folder, 'locked');
    mkdirSync(folder);
    chmodSync(folder, 0o500);
    const target = { which: 'countries', path: join(folder, 'country.mmdb') } as const;
    await expect(installFile(file, target)).rejects.toMatchObject({ code: 'update-write' });
  });
});

describe('two updates at once', () => {
  it('the second is told so, and nothing happens to the first', async () => {
    let end = () => {};
    const first = withLock(place.path, () => new Promise<void>((resolve) => (end = resolve)));
    await expect(install(NEW)).rejects.toMatchObject({ code: 'update-busy' });
    expect(kept()).toBe(true);
    end();
    await first;
    expect((await install(NEW)).outcome).toBe('updated');
  });

  it('a failure gives the lock back', async () => {
    const failed = withLock(place.path, () => Promise.reject(new Error('no')));
    await expect(failed).rejects.toThrow('no');
    expect((await install(NEW)).outcome).toBe('updated');
  });
});
