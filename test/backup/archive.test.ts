import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeFile, readArchive, writeArchive } from '../../src/backup/archive.ts';
import type { Manifest } from '../../src/backup/manifest.ts';
import { TABLES } from '../../src/backup/restore.ts';
import { Fault } from '../../src/errors.ts';
import { newDatabase } from '../support/database.ts';

let folder: string;
let file: string;
let manifest: Manifest;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ipcountry-archive-'));
  file = join(folder, 'backup.tar.gz');
  writeFileSync(join(folder, 'ipcountry.db'), Buffer.alloc(3_000, 'database'));
  writeFileSync(join(folder, 'ipcountry.toml'), '[agi]\nport = 4999\n');
  const files = [];
  for (const name of ['ipcountry.db', 'ipcountry.toml']) {
    files.push(await describeFile(join(folder, name), name));
  }
  const by = { version: '0.1.0', host: 'pbx', at: 1_700_000_000_000, schema: 3 };
  manifest = { ipcountry: 'backup', form: 1, ...by, files };
  await writeArchive(file, folder, manifest);
});
afterEach(() => rmSync(folder, { recursive: true }));

/** @returns the code of the fault, or undefined where the backup was taken for sound */
async function refusal(content: Buffer): Promise<string | undefined> {
  const changed = join(folder, 'changed');
  writeFileSync(changed, content);
  const out = mkdtempSync(join(folder, 'out-'));
  try {
    expect(await readArchive(changed, out)).toEqual(manifest);
    for (const { name } of manifest.files) {
      expect(readFileSync(join(out, name))).toEqual(readFileSync(join(folder, name)));
    }
    return undefined;
  } catch (cause) {
    if (cause instanceof Fault) return cause.code;
    throw cause;
  }
}

/** A tar.gz of other entries. */
async function archiveOf(...entries: (readonly [string, string])[]): Promise<Buffer> {
  const archive = pack();
  for (const [name, text] of entries) archive.entry({ name }, text);
  archive.finalize();
  return gzipSync(await buffer(archive as unknown as NodeJS.ReadableStream));
}

describe('a backup', () => {
  it('is read as it was written', async () => {
    expect(await refusal(readFileSync(file))).toBeUndefined();
  });

  it('that breaks off anywhere is refused', async () => {
    const whole = readFileSync(file);
    for (let length = 0; length < whole.length; length += 7) {
      expect(await refusal(whole.subarray(0, length)), `${length}`).toMatch(
        /^backup-(not|damaged)$/,
      );
    }
  });

  it('with a changed byte is refused, or is whole all the same', async () => {
    const whole = readFileSync(file);
    let refused = 0;
    for (let at = 0; at < whole.length; at += 3) {
      const changed = Buffer.from(whole);
      changed[at]! ^= 0x10;
      const code = await refusal(changed);
      if (code !== undefined) refused++;
      expect(code ?? 'backup-damaged').toMatch(/^backup-(not|damaged)$/);
    }
    expect(refused).toBeGreaterThan(whole.length / 6);
  });

  it('with a changed byte inside gzip is refused', async () => {
    const tar = gunzipSync(readFileSync(file));
    const at = tar.indexOf('databasedatabase');
    tar[at]! ^= 1;
    expect(await refusal(gzipSync(tar))).toBe('backup-damaged');
  });

  it.each<[string, () => Promise<Buffer> | Buffer, string]>([
    ['no gzip', () => Buffer.from('hello'), 'backup-not'],
    ['an empty file', () => Buffer.alloc(0), 'backup-not'],
    ['another tar', () => archiveOf(['etc/passwd', 'root']), 'backup-not'],
    ['another manifest', () => archiveOf(['manifest.json', '{}']), 'backup-not'],
    ['no JSON', () => archiveOf(['manifest.json', '{']), 'backup-not'],
    ['an endless manifest', () => archiveOf(['manifest.json', ' '.repeat(70_000)]), 'backup-not'],
    [
      'one of a later form',
      () => archiveOf(['manifest.json', JSON.stringify({ ...manifest, form: 2 })]),
      'backup-newer',
    ],
    [
      'one that names a path',
      () =>
        archiveOf(
          [
            'manifest.json',
            JSON.stringify({ ...manifest, files: [{ ...manifest.files[0], name: '../../evil' }] }),
          ],
          ['../../evil', 'evil'],
        ),
      'backup-not',
    ],
    [
      'one with more than it says',
      () => archiveOf(['manifest.json', JSON.stringify(manifest)], ['../evil', 'evil']),
      'backup-damaged',
    ],
    [
      'one with less than it says',
      () => archiveOf(['manifest.json', JSON.stringify(manifest)]),
      'backup-damaged',
    ],
    [
      'one with a file twice',
      () =>
        archiveOf(
          ['manifest.json', JSON.stringify(manifest)],
          ['ipcountry.toml', '[agi]\nport = 4999\n'],
          ['ipcountry.toml', '[agi]\nport = 1\n'],
        ),
      'backup-damaged',
    ],
  ])('%s is refused', async (_, content, code) => {
    expect(await refusal(await content())).toBe(code);
    expect(existsSync(join(folder, 'evil'))).toBe(false);
    expect(readdirSync(folder).some((name) => name.includes('evil'))).toBe(false);
  });

  it('is not written over another', async () => {
    await expect(writeArchive(file, folder, manifest)).rejects.toThrow(/EEXIST/);
  });
});

it('it is settled for every table whether a restore replaces, completes or keeps it', () => {
  const { database, remove } = newDatabase();
  const tables = database
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .pluck()
    .all();
  remove();
  expect([...TABLES].sort()).toEqual(tables.sort());
});
