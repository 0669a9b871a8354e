import type { TestProject } from 'vitest/node';
import { requireLab } from './asterisk-lab.ts';
import { buildProgramIn, makeProgramFolder, removeProgramFolder } from './program-folder.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Name of the Asterisk to test with. */
    asterisk: string;
  }
}

/** Before the real-Asterisk tests: the lab must be there; the program is built, as most need it. */
export default async function setup(project: TestProject): Promise<() => void> {
  requireLab();
  const folder = makeProgramFolder();
  await buildProgramIn(folder);
  project.provide('programFolder', folder);
  return () => removeProgramFolder(folder);
}
