import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SCRIPT = fileURLToPath(new URL('../../scripts/package', import.meta.url));

/** Builds the package. @returns the name of the file */
export async function buildPackage(version: string, folder: string): Promise<string> {
  const { stdout } = await run(SCRIPT, [version, folder]);
  return stdout.trim().slice(folder.length + 1);
}

/** The same package as one of another version, in a moment. @returns the name of the file */
export async function repackage(name: string, version: string, folder: string): Promise<string> {
  const root = join(folder, version);
  await run('dpkg-deb', ['-R', join(folder, name), root]);
  const [, before = ''] = name.split('_');
  for (const file of ['DEBIAN/control', 'usr/lib/ipcountry/package.json']) {
    const path = join(root, file);
    writeFileSync(path, readFileSync(path, 'utf8').replace(before, version));
  }
  const other = name.replace(before, version);
  await run('dpkg-deb', ['--root-owner-group', '-Znone', '-b', root, join(folder, other)]);
  return other;
}
