import { execFile } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A folder as an installed package has it, but for the program: dist/ is not in it yet. */
export function makeProgramFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ipcountry-build-'));
  chmodSync(folder, 0o755); // a test runs it as a user without privileges
  for (const name of ['db', 'data-sample', 'node_modules']) {
    symlinkSync(join(ROOT, name), join(folder, name));
  }
  for (const name of ['package.json', 'dialplan']) {
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  }
  return folder;
}

/** Builds the program there, unless another worker does or did. @throws if it can't be built */
export async function buildProgramIn(folder: string): Promise<void> {
  const ended = join(folder, 'build-ended');
  try {
    mkdirSync(join(folder, 'build-begun'));
  } catch {
    while (!existsSync(ended)) await delay(20);
    if (!existsSync(join(folder, 'dist/main.js'))) throw new Error('the program is not built');
    return;
  }
  try {
    await promisify(execFile)(join(ROOT, 'scripts/build'), [join(folder, 'dist')]);
  } finally {
    writeFileSync(ended, '');
  }
}

export function removeProgramFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}
