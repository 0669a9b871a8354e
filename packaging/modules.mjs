// Copies the Node modules that the program loads from node_modules to a folder.
// Usage: node packaging/modules.mjs FOLDER
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const root = new URL('../', import.meta.url).pathname;
const [, , target] = process.argv;
const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;

/** Only for an installation from npm, for other runtimes than Node, or for TypeScript. */
const NEVER_LOADED = /^(prebuild-install|bare-.*|typescript|@types\/.*|undici-types)$/;

/** Of a module: what is read by people, compilers or test runners. */
const NOT_NEEDED = /\.(d\.[cm]?ts|[cm]?ts|map|md|markdown|flow|tsbuildinfo|gyp|gypi|yml|yaml)$/i;
const NOT_NEEDED_FOLDERS = /^(tests?|__tests__|spec|benchmarks?|examples?|docs?|coverage|\.\w.*)$/i;

const LICENCE = /^(licen[cs]e|copying|notice)/i;

/** better-sqlite3 is loaded as this one file; the rest of its folder is SQLite's source. */
const BETTER_SQLITE3 =
  /^node_modules\/better-sqlite3(\/(package\.json|LICENSE|lib(\/.*)?|build(\/Release(\/better_sqlite3\.node)?)?))?$/;

/** The folder that `name` is loaded from by the module in `from`: its own, or one further out. */
function resolve(name, from) {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules/') - 1))) {
    const path = join(at, 'node_modules', name);
    if (lock[path]) return path;
    if (at === '') return undefined;
  }
}

const needed = new Set();
function need(path) {
  if (needed.has(path)) return;
  if (path !== '') needed.add(path);
  const { dependencies = {}, optionalDependencies = {} } = lock[path];
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
    const found = NEVER_LOADED.test(name) ? undefined : resolve(name, path);
    if (found && existsSync(join(root, found))) need(found);
  }
}
need('');

for (const path of needed) {
  cpSync(join(root, path), join(target, path), {
    recursive: true,
    filter(source) {
      const inside = source.slice(root.length);
      if (inside.startsWith('node_modules/better-sqlite3')) return BETTER_SQLITE3.test(inside);
      // Another module's folder, or none of ours.
      if (inside !== path && lock[inside]) return false;
      const name = basename(source);
      if (inside === path || LICENCE.test(name)) return true;
      return !NOT_NEEDED.test(name) && !NOT_NEEDED_FOLDERS.test(name);
    },
  });
}
