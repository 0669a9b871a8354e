import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { ipv4 } from '../../../src/address/index.ts';
import { type MmdbOptions, writeMmdb } from '../../../src/country/mmdb-writer.ts';
import type { UpdateOptions, UpdateSettings } from '../../../src/country/update/index.ts';
import { listeningLog } from '../../support/log.ts';

/** A country database of so many networks. */
export function countries(count: number, options: Partial<MmdbOptions> = {}): Buffer {
  const networks = Array.from({ length: count }, (_, i) => ({
    first: ipv4(i * 512),
    bits: 24,
    data: { country: { iso_code: i % 2 === 0 ? 'SE' : 'DE' } },
  }));
  return writeMmdb(networks, {
    type: 'Test-Country',
    description: '',
    builtAt: new Date('2026-02-01T00:00:00Z'),
    ...options,
  });
}

export const OLD = countries(100, { builtAt: new Date('2026-01-01T00:00:00Z') });
export const NEW = countries(101);

export const md5 = (bytes: Buffer) => createHash('md5').update(bytes).digest('hex');

/** The archive that MaxMind sends: a folder with licence, copyright and the database. */
export async function tarGz(mmdb: Buffer, name = 'GeoLite2-Country.mmdb'): Promise<Buffer> {
  const archive = pack();
  archive.entry({ name: 'GeoLite2-Country_20260201/LICENSE.txt' }, 'licence '.repeat(200));
  archive.entry({ name: `GeoLite2-Country_20260201/${name}` }, mmdb);
  archive.entry({ name: 'GeoLite2-Country_20260201/COPYRIGHT.txt' }, 'copyright');
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return gzipSync(Buffer.concat(chunks));
}

/** A folder with a country database of 100 networks, and what an update needs. */
export function workplace() {
  const folder = mkdtempSync(join(tmpdir(), 'ipcountry-test-'));
  const path = join(folder, 'country.mmdb');
  writeFileSync(path, OLD);
  const { log, lines } = listeningLog();
  return {
    folder,
    path,
    lines,
    present: () => readFileSync(path),
    files: () => readdirSync(folder).sort(),
    exists: (name: string) => existsSync(join(folder, name)),
    settings: (
      source: UpdateSettings['source'],
      more: Partial<UpdateSettings> = {},
    ): UpdateSettings => ({
      source,
      paths: { country: path, mayBeMissing: false, operators: undefined },
      proxy: undefined,
      retryFor: 5_000,
      env: {},
      ...more,
    }),
    options: (more: Partial<UpdateOptions> = {}): UpdateOptions => ({
      log,
      firstDelay: 1,
      now: new Date('2026-02-10T12:00:00Z'),
      ...more,
    }),
    remove: () => rmSync(folder, { recursive: true }),
  };
}
