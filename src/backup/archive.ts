import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Readable, Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import type { Header } from 'tar-stream';
import { Fault, fault } from '../errors.ts';
import { library } from '../library.ts';
import { FORM, MANIFEST, type Manifest, type ManifestFile, parseManifest } from './manifest.ts';

/** Bytes of a manifest at most: what is longer is none. */
const LONGEST_MANIFEST = 64 * 1024;

const PRIVATE = 0o600;

/** Loaded when a backup is made or read: who asks for the last one only needs none of it. */
const tarStream = () => library('tar-stream') as typeof import('tar-stream');

/** @returns size and SHA-256 of a file, under the name that it has in a backup */
export async function describeFile(path: string, name: string): Promise<ManifestFile> {
  const { through, found } = measure();
  await pipeline(createReadStream(path), through, nowhere());
  return { name, ...found() };
}

/** Writes manifest and files (from `folder`) as tar.gz to `path`, which must not be there yet. */
export async function writeArchive(path: string, folder: string, manifest: Manifest) {
  const archive = tarStream().pack();
  const sink = createWriteStream(path, { flags: 'wx', mode: PRIVATE, flush: true });
  const written = pipeline(archive, createGzip(), sink);
  written.catch(() => {}); // the work below ends with it, or is ended by it
  const header = (name: string, size: number) => ({
    ...{ name, size, mode: PRIVATE, mtime: new Date(manifest.at) },
  });
  const text = Buffer.from(`${JSON.stringify(manifest, undefined, 2)}\n`);
  archive.entry(header(MANIFEST, text.length), text);
  for (const { name, size } of manifest.files) {
    if (archive.destroyed) break;
    const entry = archive.entry(header(name, size)) as unknown as NodeJS.WritableStream;
    await Promise.race([pipeline(createReadStream(join(folder, name)), entry), written]);
  }
  archive.finalize();
  await written;
}

/**
 * Reads a backup and checks that it is whole: the manifest and each of its files, nothing else.
 * @param folder where the files go; without, they are checked only
 * @throws Fault that tells what is wrong with it
 */
export async function readArchive(path: string, folder?: string): Promise<Manifest> {
  const archive = tarStream().extract();
  const filled = pipeline(createReadStream(path), createGunzip(), archive);
  filled.catch(() => {}); // the loop below ends with the same error
  let manifest: Manifest | undefined;
  const missing = new Map<string, ManifestFile>();
  try {
    for await (const entry of archive) {
      const { name, type } = entry.header;
      const source = entry as unknown as Readable;
      if (!manifest) {
        manifest = await readManifest(source, entry.header, path);
        for (const file of manifest.files) missing.set(file.name, file);
        continue;
      }
      const file = missing.get(name);
      if (!file || type !== 'file') throw fault('backup-damaged', path, `${name} is not expected`);
      missing.delete(name);
      const found = await take(source, folder && join(folder, name));
      if (found.sha256 !== file.sha256 || found.size !== file.size) {
        throw fault('backup-damaged', path, `${name} is not what was saved`);
      }
    }
    await filled;
  } catch (cause) {
    throw explained(cause, path, manifest !== undefined, folder);
  }
  if (!manifest) throw fault('backup-not', path);
  const [lost] = missing.keys();
  if (lost !== undefined) throw fault('backup-damaged', path, `${lost} is missing`);
  return manifest;
}

async function readManifest(source: Readable, { name, size = 0 }: Header, path: string) {
  if (name !== MANIFEST || size > LONGEST_MANIFEST) throw fault('backup-not', path);
  const manifest = parseManifest((await buffer(source)).toString('utf8'));
  if (!manifest) throw fault('backup-not', path);
  if (manifest.form > FORM) throw fault('backup-newer', path, manifest.version);
  return manifest;
}

/** Takes a file out, or only its measure. */
async function take(source: Readable, path: string | undefined) {
  const { through, found } = measure();
  if (path !== undefined) await mkdir(dirname(path), { recursive: true });
  const sink =
    path === undefined ? nowhere() : createWriteStream(path, { flags: 'wx', mode: PRIVATE });
  await pipeline(source, through, sink);
  return found();
}

/** Counts and hashes what flows through. */
function measure() {
  const sha256 = createHash('sha256');
  let size = 0;
  return {
    async *through(source: AsyncIterable<Buffer>) {
      for await (const chunk of source) {
        sha256.update(chunk);
        size += chunk.length;
        yield chunk;
      }
    },
    found: () => ({ size, sha256: sha256.digest('hex') }),
  };
}

const nowhere = () => new Writable({ write: (_chunk, _encoding, done) => done() });

/** What gzip, tar and the disk have to say. */
function explained(cause: unknown, path: string, begun: boolean, folder = ''): unknown {
  if (cause instanceof Fault) return cause;
  const { code = '', syscall, path: where } = cause as NodeJS.ErrnoException;
  if (code === 'ENOSPC') return fault('backup-full', dirname(folder));
  if (where === path || syscall === 'read') return fault('file-read', path, code);
  if (syscall !== undefined) return fault('file-write', where ?? path, code);
  // zlib's codes, and what tar-stream throws, which has none.
  if (!begun) return fault('backup-not', path);
  return fault('backup-damaged', path, 'it breaks off, or was changed');
}
