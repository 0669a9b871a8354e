import { existsSync } from 'node:fs';
import { copyFile, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { type Database, isSound, openDatabase, snapshot } from '../database/index.ts';
import { Fault, fault } from '../errors.ts';
import { describeFile, readArchive, writeArchive } from './archive.ts';
import { type Contents, contentsOf } from './contents.ts';
import { CONFIG, DATABASE, FORM, type Manifest, secretName } from './manifest.ts';
import { secretFiles } from './secret-files.ts';
import { workFolder } from './work-folder.ts';

export interface BackupOptions {
  readonly database: Database;
  /** The configuration file in use, if any. */
  readonly config: string | undefined;
  /** Where to. */
  readonly file: string;
  /** Replace a file that is there. */
  readonly force: boolean;
  /** Of this program. */
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface Backup {
  readonly manifest: Manifest;
  readonly contents: Contents;
  /** Length of the file. */
  readonly bytes: number;
}

/**
 * Makes a backup, reads it once more to see that it is whole, and only then gives it its name.
 * @throws Fault where it can't be made; there is no file then, or the one before
 */
export async function makeBackup(options: BackupOptions): Promise<Backup> {
  const { file, force } = options;
  if (!force && existsSync(file)) throw fault('backup-exists', file);
  const { folder: work, remove } = workFolder();
  const unfinished = join(dirname(file), `.${basename(file)}.${process.pid}`);
  let place = dirname(work); // where the disk may be full
  try {
    const contents = await copyDatabase(options.database, join(work, DATABASE));
    const names = [DATABASE, ...(await copyConfig(options.config, work))];
    const manifest = await describe(options, work, names);
    place = dirname(file);
    await writeArchive(unfinished, work, manifest);
    await readArchive(unfinished);
    await rename(unfinished, file);
    await syncFolder(dirname(file));
    return { manifest, contents, bytes: (await stat(file)).size };
  } catch (cause) {
    const { code, syscall } = cause as NodeJS.ErrnoException;
    if (code !== 'EEXIST') await rm(unfinished, { force: true });
    if (code === 'ENOSPC' || code === 'SQLITE_FULL') throw fault('backup-full', place);
    if (cause instanceof Fault || syscall === undefined || code === undefined) throw cause;
    throw fault('file-write', file, code);
  } finally {
    remove();
  }
}

async function copyDatabase(database: Database, path: string): Promise<Contents> {
  await snapshot(database, path);
  const copy = openDatabase(path, { readonly: true });
  try {
    if (!isSound(copy)) throw fault('database-damaged', database.name);
    return contentsOf(copy);
  } finally {
    copy.close();
  }
}

/** @returns the names of what was copied */
async function copyConfig(config: string | undefined, work: string): Promise<string[]> {
  if (config === undefined) return [];
  await copy(config, join(work, CONFIG));
  const secrets = secretFiles(await readFile(join(work, CONFIG), 'utf8'));
  if (secrets.length > 0) await mkdir(join(work, secretName('')));
  for (const { key, path } of secrets) await copy(path, join(work, secretName(key)));
  return [CONFIG, ...secrets.map(({ key }) => secretName(key))];
}

async function copy(from: string, to: string): Promise<void> {
  try {
    await copyFile(from, to);
  } catch (cause) {
    throw fault('file-read', from, (cause as NodeJS.ErrnoException).code ?? 'error');
  }
}

async function describe(
  { database, version, now }: BackupOptions,
  work: string,
  names: readonly string[],
): Promise<Manifest> {
  const files = [];
  for (const name of names) files.push(await describeFile(join(work, name), name));
  const schema = database.pragma('user_version', { simple: true }) as number;
  return { ipcountry: 'backup', form: FORM, version, host: hostname(), at: now, schema, files };
}

/** The new name must be on the disk, too. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
