import { cpSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { requireLab } from './asterisk-lab.ts';
import { build } from './build.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A build of the program as it stands in this checkout. */
    programFolder: string;
    /** Name of the Asterisk to test with. */
    asterisk: string;
  }
}

/** Before the real-Asterisk tests: the lab must be there; the program is built once for all. */
export default async function setup(project: TestProject): Promise<() => void> {
  requireLab();
  const built = await build();
  // The program tells its version from it, and prints the dialplan of this checkout.
  for (const name of ['package.json', 'dialplan']) {
    cpSync(new URL(`../../${name}`, import.meta.url), join(built.folder, name), {
      recursive: true,
    });
  }
  project.provide('programFolder', built.folder);
  return () => built.remove();
}
