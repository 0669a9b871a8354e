import type { TestProject } from 'vitest/node';
import { makeProgramFolder, removeProgramFolder } from './program-folder.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where the program is built, as it stands in this checkout: once for all tests of a run. */
    programFolder: string;
  }
}

/** Before all tests: the first one that needs the program builds it there. */
export default function setup(project: TestProject): () => void {
  const folder = makeProgramFolder();
  project.provide('programFolder', folder);
  return () => removeProgramFolder(folder);
}
