import { createHash } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Fault, fault } from '../../errors.ts';
import { type AddressFile, countryDatabase, operatorDatabase } from '../database.ts';
import type { FileFacts } from '../mmdb.ts';
import { countNetworks } from '../networks.ts';

/** Which of the two files, and where it is. */
export interface Target {
  readonly which: 'countries' | 'operators';
  readonly path: string;
}

export type UpdateResult = Target &
  (
    | {
        readonly outcome: 'updated';
        readonly facts: FileFacts;
        readonly networks: number;
        /** How many the file had that was replaced, if it could be read. */
        readonly networksBefore: number | undefined;
      }
    /** The present file is the newest there is. */
    | { readonly outcome: 'unchanged' }
    /** The new file won't do, as `refusal` says; the present one is kept. */
    | { readonly outcome: 'refused'; readonly refusal: Fault }
  );

export interface InstallOptions {
  /** Takes a file that is older or lost networks. */
  readonly force?: boolean;
  /** Told how much of the new file is checked, from 0 to 1. */
  readonly checked?: (done: number) => void;
}

/** A file that keeps less than this part of the present one's networks is taken for broken. */
const LEAST_KEPT = 0.9;

/** Where a new file waits until it has been checked: beside the old one, so that it can be renamed. */
export function downloadPath(path: string): string {
  return `${path}.download`;
}

/**
 * Puts the file at `downloadPath` in the place of the present one if it stands the checks. Until
 * the rename the present one is there, and afterwards the new one, whole.
 * @param md5 of the new file, which is on the disk (fsync)
 */
export async function install(
  target: Target,
  md5: string,
  options: InstallOptions = {},
): Promise<UpdateResult> {
  const { path } = target;
  const download = downloadPath(path);
  try {
    if ((await md5Of(path)) === md5) return { ...target, outcome: 'unchanged' };
    const next = await check(target, await readFile(download), options.checked);
    const present = await presentFile(target);
    if (present && !options.force) refuseWorse(path, next, present);
    await putInPlace(download, path);
    return {
      ...target,
      outcome: 'updated',
      facts: { ...next.facts, path },
      networks: next.networks,
      networksBefore: present?.networks,
    };
  } catch (error) {
    const refused = error instanceof Fault && REFUSALS.has(error.code);
    if (!refused) throw error;
    return { ...target, outcome: 'refused', refusal: error };
  }
}

const REFUSALS: ReadonlySet<string> = new Set([
  'update-damaged',
  'update-kind',
  'update-older',
  'update-shrunken',
]);

interface Checked {
  readonly facts: FileFacts;
  readonly networks: number;
}

/** Opens it, which asks it for some addresses, and walks through all of it. */
async function check(
  { which, path }: Target,
  bytes: Buffer,
  progress?: InstallOptions['checked'],
): Promise<Checked> {
  try {
    return await examine(which, bytes, path, progress);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const kind = error.code === 'country-file-kind';
    throw kind
      ? fault('update-kind', path, which === 'countries' ? 'countries' : 'AS numbers')
      : fault('update-damaged', path);
  }
}

async function examine(
  which: Target['which'],
  bytes: Buffer,
  path: string,
  progress?: InstallOptions['checked'],
): Promise<Checked> {
  const file: AddressFile<unknown> =
    which === 'countries' ? countryDatabase(bytes, path) : operatorDatabase(bytes, path);
  const { networks } = await countNetworks(file, progress);
  return { facts: file.facts, networks };
}

/** @returns undefined where there is none, or none that could be read: any new one is better */
async function presentFile({ which, path }: Target): Promise<Checked | undefined> {
  try {
    return await examine(which, await readFile(path), path);
  } catch {
    return undefined;
  }
}

function refuseWorse(path: string, next: Checked, present: Checked): void {
  const [built, presentBuilt] = [next.facts.builtAt, present.facts.builtAt];
  if (built < presentBuilt) {
    throw fault('update-older', path, built.toISOString(), presentBuilt.toISOString());
  }
  if (next.networks < present.networks * LEAST_KEPT) {
    throw fault('update-shrunken', path, next.networks, present.networks);
  }
}

async function putInPlace(download: string, path: string): Promise<void> {
  try {
    await rename(download, path);
    const folder = await open(dirname(path));
    await folder.sync().finally(() => folder.close()); // the new name survives a power cut, too
  } catch (cause) {
    throw fault('update-write', path, (cause as NodeJS.ErrnoException).code ?? 'error');
  }
}

/** @returns undefined where there is no such file */
export async function md5Of(path: string): Promise<string | undefined> {
  try {
    return createHash('md5')
      .update(await readFile(path))
      .digest('hex');
  } catch {
    return undefined;
  }
}
