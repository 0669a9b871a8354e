import { chmodSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { buildProgramIn } from './program-folder.ts';

export interface Built {
  /** Holds dist/, db/, data-sample/ and node_modules/, as an installed package does. */
  readonly folder: string;
  remove(): void;
}

/** The program that all tests share, in a folder of this test's own, which it may put scripts into. */
export async function build(): Promise<Built> {
  const program = inject('programFolder');
  await buildProgramIn(program);
  const folder = mkdtempSync(join(tmpdir(), 'ipcountry-built-'));
  chmodSync(folder, 0o755); // a test runs it as a user without privileges
  for (const name of ['dist', 'db', 'data-sample', 'node_modules', 'package.json', 'dialplan']) {
    symlinkSync(join(program, name), join(folder, name));
  }
  return { folder, remove: () => rmSync(folder, { recursive: true }) };
}
