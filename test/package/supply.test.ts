import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { locked, lockedRoot } from '../support/lock.ts';

const { dependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));

describe('libraries', () => {
  it('are named by exact versions, which the lock file has too', () => {
    const wanted = Object.entries<string>({ ...dependencies, ...devDependencies });
    expect(wanted.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
    expect(lockedRoot).toMatchObject({ dependencies, devDependencies });
    for (const [name, version] of wanted) {
      const library = locked.find(({ path }) => path === `node_modules/${name}`);
      expect(library, name).toMatchObject({ version });
    }
  });

  it('come from the registry, and are what they were when they were chosen', () => {
    const unknown = locked.filter(
      ({ link, resolved, integrity }) =>
        link ||
        !/^sha512-[\w+/]{86}==$/.test(integrity ?? '') ||
        (resolved !== undefined && !resolved.startsWith('https://registry.npmjs.org/')),
    );
    expect(unknown).toEqual([]);
  });

  it('run nothing while they are installed, but for better-sqlite3, which is compiled', () => {
    const running = locked.filter(({ hasInstallScript }) => hasInstallScript);
    expect(running.map(({ path }) => path)).toEqual(['node_modules/better-sqlite3']);
    const commands = readFileSync('scripts/setup', 'utf8').match(/^ *npm .*$/gm);
    expect(commands?.map((line) => line.trim().replace(/ --(no-|loglevel).*$/, ''))).toEqual([
      'npm ci --ignore-scripts',
      'npm rebuild better-sqlite3 --build-from-source',
    ]);
  });

  it('are all used: those that are installed by the program, the others by what makes it', () => {
    const byProgram = importedIn('src');
    const byAll = new Set([...byProgram, ...importedIn('test'), ...importedIn('scripts')]);
    // Run, or of Node.js itself.
    for (const name of ['@biomejs/biome', 'typescript', '@types/node']) byAll.add(name);
    const unused = [
      ...Object.keys(dependencies).filter((name) => !byProgram.has(name)),
      ...Object.keys(devDependencies).filter(
        (name) => !byAll.has(name) && !byAll.has(name.replace('@types/', '')),
      ),
    ];
    expect(unused).toEqual([]);
  });
});

/** Names of the libraries that the modules in there import or load. */
function importedIn(folder: string): Set<string> {
  const modules = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.m?[tj]s$/.test(name),
  );
  const imports = modules.flatMap((name) => [
    ...readFileSync(join(folder, name), 'utf8').matchAll(
      /(?:from|import|import\(|library\()\s*'((?:@[\w-]+\/)?[a-z][\w.-]*)/g,
    ),
  ]);
  return new Set(imports.map(([, name]) => name!));
}
