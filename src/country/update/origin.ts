import { readFile, rename, writeFile } from 'node:fs/promises';
import * as v from 'valibot';

/**
 * Where a file was downloaded from and in what state, kept beside it for the next conditional
 * request. It is a convenience: without it the file is downloaded once more.
 */
const originShape = v.object({
  url: v.string(),
  /** Of the file when it was installed: another one has another origin. */
  md5: v.string(),
  etag: v.optional(v.string()),
  /** Last-Modified of the reply, or else its Date (RFC 9110, 13.1.3). */
  modified: v.optional(v.string()),
});

export interface Origin {
  readonly url: string;
  readonly md5: string;
  readonly etag?: string | undefined;
  readonly modified?: string | undefined;
}

const originPath = (path: string) => `${path}.origin`;

export async function readOrigin(path: string): Promise<Origin | undefined> {
  try {
    return v.parse(originShape, JSON.parse(await readFile(originPath(path), 'utf8')));
  } catch {
    return undefined;
  }
}

export async function writeOrigin(path: string, origin: Origin): Promise<void> {
  const next = `${originPath(path)}.new`;
  await writeFile(next, `${JSON.stringify(origin)}\n`);
  await rename(next, originPath(path));
}
