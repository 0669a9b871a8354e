import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { isSound, openDatabase } from '../database/index.ts';
import { Fault, fault } from '../errors.ts';
import { readArchive } from './archive.ts';
import { type Contents, contentsOf } from './contents.ts';
import { CONFIG, DATABASE, type Manifest, secretName } from './manifest.ts';
import { type SecretFile, secretFiles } from './secret-files.ts';
import { workFolder } from './work-folder.ts';

/** A backup that has been unpacked, found sound, and brought up to date. */
export interface OpenBackup {
  readonly file: string;
  readonly manifest: Manifest;
  readonly contents: Contents;
  /** Its database, as a file of its own. */
  readonly database: string;
  /** Its configuration, as a file of its own. */
  readonly config: string | undefined;
  /** Those that its configuration names, with where they belong and where they are now. */
  readonly secrets: readonly (SecretFile & { readonly unpacked: string })[];
  close(): void;
}

/**
 * Unpacks a backup and checks all of it. To be closed in the end: it lies on the disk till then.
 * @throws Fault that tells what is wrong with it
 */
export async function openBackup(file: string): Promise<OpenBackup> {
  const { folder, remove: close } = workFolder();
  try {
    const manifest = await readArchive(file, folder);
    const has = (name: string) => manifest.files.some((entry) => entry.name === name);
    if (!has(DATABASE)) throw fault('backup-damaged', file, 'it has no database');
    const database = join(folder, DATABASE);
    const contents = bringUpToDate(file, database, manifest);
    const config = has(CONFIG) ? join(folder, CONFIG) : undefined;
    const named = config === undefined ? [] : secretFiles(await readFile(config, 'utf8'));
    const secrets = named
      .filter(({ key }) => has(secretName(key)))
      .map((secret) => ({ ...secret, unpacked: join(folder, secretName(secret.key)) }));
    return { file, manifest, contents, database, config, secrets, close };
  } catch (cause) {
    close();
    throw cause;
  }
}

/** The database of an older ipcountry is migrated before it is shown or used. */
function bringUpToDate(file: string, path: string, { schema, version }: Manifest): Contents {
  try {
    checkAsSaved(file, path, schema);
    const database = openDatabase(path);
    try {
      return contentsOf(database);
    } finally {
      database.close();
    }
  } catch (cause) {
    if (isOfOthers(cause)) throw damaged(file);
    if (!(cause instanceof Fault)) throw cause;
    if (cause.code === 'database-newer') throw fault('backup-newer', file, version);
    throw /^database-(not|damaged)$/.test(cause.code) ? damaged(file) : cause;
  }
}

function checkAsSaved(file: string, path: string, schema: number): void {
  const database = new SQLite(path, { readonly: true });
  try {
    const sound = isSound(database) && schema > 0;
    if (!sound || database.pragma('user_version', { simple: true }) !== schema) throw damaged(file);
  } finally {
    database.close();
  }
}

/** SQLite's complaint where tables are not as ours: somebody else's database, or a forged one. */
export function isOfOthers(cause: unknown): boolean {
  return /^SQLITE_(ERROR|CONSTRAINT|CORRUPT|NOTADB)/.test(
    String((cause as { code?: unknown }).code),
  );
}

const damaged = (file: string) => fault('backup-damaged', file, 'its database is damaged');
