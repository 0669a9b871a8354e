import { readFileSync } from 'node:fs';

/** A library as package-lock.json has it. */
export interface Locked {
  /** Its folder: `node_modules/bl/node_modules/readable-stream`. */
  readonly path: string;
  readonly name: string;
  readonly version: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly license?: string;
  /** Nothing that runs needs it. */
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
  readonly link?: boolean;
}

/** The part of package.json that the lock file repeats. */
interface Root {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const { '': root, ...libraries } = JSON.parse(readFileSync('package-lock.json', 'utf8')).packages;

export const lockedRoot = root as Root;

/** All libraries, in the order of the lock file. */
export const locked: readonly Locked[] = Object.entries<Omit<Locked, 'path' | 'name'>>(
  libraries,
).map(([path, rest]) => ({ ...rest, path, name: path.split('node_modules/').at(-1)! }));
