import { createHash } from 'node:crypto';
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { fault } from '../../errors.ts';

/** More than any country database has: what is longer is something else, or a gzip bomb. */
const MOST_MIB = 512;

const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);
/** Where a tar file says that it is one (POSIX ustar header). */
const TAR_MAGIC = { at: 257, bytes: Buffer.from('ustar') };

/**
 * Writes the mmdb file that `source` holds, plain, in a gzip or as the first `*.mmdb` of a tar, to
 * `path`, and to the disk itself (fsync). What stood there is overwritten.
 * @returns the MD5 of the mmdb file, in hexadecimal
 * @throws Fault where it can't be written, is too large, or the tar holds none; whatever the
 * source, gzip or tar threw
 */
export async function unpack(source: AsyncIterable<Buffer>, path: string): Promise<string> {
  const { head, all } = await peek(source, GZIP_MAGIC.length);
  return head.equals(GZIP_MAGIC)
    ? pipelineInto(Readable.from(all), createGunzip(), (plain) => unpackPlain(plain, path))
    : unpackPlain(all, path);
}

/**
 * pipeline() into a function that writes a file. It rejects as soon as a stream breaks; this waits
 * for the function as well, which may be opening the file at that moment.
 */
async function pipelineInto(
  source: Readable,
  through: Transform,
  sink: (source: AsyncIterable<Buffer>) => Promise<string>,
): Promise<string> {
  let written: Promise<string> | undefined;
  try {
    return await pipeline(source, through, (stream: AsyncIterable<Buffer>) => {
      written = sink(stream);
      return written;
    });
  } finally {
    await written?.catch(() => {});
  }
}

async function unpackPlain(source: AsyncIterable<Buffer>, path: string): Promise<string> {
  const { head, all } = await peek(source, TAR_MAGIC.at + TAR_MAGIC.bytes.length);
  const tar = head.subarray(TAR_MAGIC.at).equals(TAR_MAGIC.bytes);
  return pipelineInto(Readable.from(all), sizeLimit(), (limited) =>
    tar ? writeFirstMmdb(limited, path) : write(limited, path),
  );
}

async function writeFirstMmdb(source: AsyncIterable<Buffer>, path: string): Promise<string> {
  const archive = extract();
  const filled = pipeline(source, archive);
  filled.catch(() => {}); // the loop below ends with the same error
  let md5: string | undefined;
  for await (const entry of archive) {
    if (md5 === undefined && entry.header.name.endsWith('.mmdb')) {
      md5 = await write(entry as AsyncIterable<Buffer>, path);
    }
    entry.resume();
  }
  await filled;
  if (md5 === undefined) throw fault('update-empty-archive');
  return md5;
}

async function write(source: AsyncIterable<Buffer>, path: string): Promise<string> {
  const hash = createHash('md5');
  const toDisk = async <T>(action: Promise<T>): Promise<T> => {
    try {
      return await action;
    } catch (cause) {
      throw fault('update-write', path, (cause as NodeJS.ErrnoException).code ?? 'error');
    }
  };
  await toDisk(mkdir(dirname(path), { recursive: true }));
  const file = await toDisk(open(path, 'w', 0o644));
  try {
    for await (const chunk of source) {
      hash.update(chunk);
      await toDisk(file.writeFile(chunk)); // goes on where the last one ended
    }
    await toDisk(file.sync());
  } finally {
    await file.close();
  }
  return hash.digest('hex');
}

function sizeLimit(): Transform {
  let size = 0;
  return new Transform({
    transform(chunk: Buffer, _, done) {
      size += chunk.length;
      if (size > MOST_MIB * 2 ** 20) done(fault('update-too-large', `${MOST_MIB} MiB`));
      else done(null, chunk);
    },
  });
}

/** The first `size` bytes (or all there are), and the whole once more. */
async function peek(source: AsyncIterable<Buffer>, size: number) {
  const chunks = source[Symbol.asyncIterator]();
  const begun: Buffer[] = [];
  let length = 0;
  while (length < size) {
    const next = await chunks.next();
    if (next.done) break;
    begun.push(next.value);
    length += next.value.length;
  }
  async function* all() {
    yield* begun;
    try {
      for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
    } finally {
      await chunks.return?.();
    }
  }
  return { head: Buffer.concat(begun).subarray(0, size), all: all() };
}
