import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

/** The rows of the table in CONTRIBUTING.md, each with its folders, from the top of the house down. */
const floors = readFileSync('CONTRIBUTING.md', 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `src/'))
  .map((line) => [...line.split('|')[1]!.matchAll(/`src\/([\w-]+)`/g)].map(([, name]) => name!))
  .filter((names) => names.length > 0);

const floorOf = (folder: string) => floors.findIndex((names) => names.includes(folder));

/** `src/guard/run.ts` → `guard`; undefined for what lies in src itself. */
const folderOf = (file: string) => /^src\/([\w-]+)\//.exec(file)?.[1];

const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => join('src', name));

/** Files that `file` imports, dynamically too. */
function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map(([, path]) =>
    normalize(join(dirname(file), path!)),
  );
}

describe('the house in CONTRIBUTING.md', () => {
  it('has every folder of src once', () => {
    const folders = new Set(files.flatMap((file) => folderOf(file) ?? []));
    expect(floors.flat().sort()).toEqual([...folders].sort());
  });

  it('has arrows that go down only', () => {
    const up = files.flatMap((file) =>
      importsOf(file)
        .filter((target) => {
          const [from, to] = [folderOf(file), folderOf(target)];
          return from !== undefined && to !== undefined && floorOf(to) < floorOf(from);
        })
        .map((target) => `${file} → ${target}`),
    );
    expect(up).toEqual([]);
  });
});
