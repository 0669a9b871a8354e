import * as v from 'valibot';

/** Names within a backup. */
export const MANIFEST = 'manifest.json';
export const DATABASE = 'ipcountry.db';
export const CONFIG = 'ipcountry.toml';
/** The file with a secret in it that the configuration names: `secrets/ami.secret`. */
export const secretName = (key: string) => `secrets/${key}`;

/** The form of backups; it grows when an older ipcountry could no longer read them. */
export const FORM = 1;

const name = v.pipe(v.string(), v.regex(/^(ipcountry\.(db|toml)|secrets\/[a-z]+\.[a-z_]+)$/));

const shape = v.strictObject({
  ipcountry: v.literal('backup'),
  form: v.number(),
  /** Of the program that made it. */
  version: v.string(),
  host: v.string(),
  /** Milliseconds since 1970. */
  at: v.number(),
  /** The database's user_version. */
  schema: v.number(),
  files: v.array(
    v.strictObject({ name, size: v.number(), sha256: v.pipe(v.string(), v.hash(['sha256'])) }),
  ),
});

/** What a backup says of itself: its first entry. */
export type Manifest = v.InferOutput<typeof shape>;
export type ManifestFile = Manifest['files'][number];

/** @returns undefined where the text is no manifest of ours */
export function parseManifest(text: string): Manifest | undefined {
  try {
    return v.parse(shape, JSON.parse(text));
  } catch {
    return undefined;
  }
}
