import { execFile } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface Built {
  /** Holds dist/, db/, data-sample/ and node_modules/, as an installed package does. */
  readonly folder: string;
  remove(): void;
}

/** Builds the program into a folder of its own, for tests that run it as a process. */
export async function build(): Promise<Built> {
  const folder = mkdtempSync(join(tmpdir(), 'ipcountry-build-'));
  chmodSync(folder, 0o755); // a test runs it as a user without privileges
  for (const name of ['db', 'data-sample', 'node_modules']) {
    symlinkSync(join(ROOT, name), join(folder, name));
  }
  copyFileSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const args = [tsc, '-p', join(ROOT, 'tsconfig.build.json'), '--outDir', join(folder, 'dist')];
  await new Promise<void>((done) => {
    // Type errors are `scripts/test`'s to find: what is emitted runs all the same.
    execFile(process.execPath, args, () => done());
  });
  return { folder, remove: () => rmSync(folder, { recursive: true }) };
}
