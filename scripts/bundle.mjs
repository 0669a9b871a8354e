// Joins the modules that tsc has written to a folder into the program, which is FOLDER/main.js,
// FOLDER/firewall-watcher.js and what they load from FOLDER/program. Most of a verb's time went to
// opening one small file after the other (docs/measurements.md, "Start of a verb").
// Usage: node scripts/bundle.mjs FOLDER
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { rolldown } from 'rolldown';

const root = resolve(import.meta.dirname, '..');
const folder = resolve(process.argv[2]);
const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json')));

/** What this many verbs share lies in one file, which nearly every verb needs. */
const SHARED_BY = 12;

const bundle = await rolldown({
  cwd: folder,
  input: { main: join(folder, 'main.js'), 'firewall-watcher': join(folder, 'firewall-watcher.js') },
  platform: 'node',
  // `dependencies` are installed beside the program: they are native, or large and seldom needed.
  // Other libraries, which nearly every verb needs, become a part of it.
  external: (id) => id.startsWith('node:') || libraryOf(id) in dependencies,
  plugins: [{ name: 'paths', transform: keepPaths }],
});
const { output } = await bundle.write({
  dir: folder,
  entryFileNames: '[name].js',
  // Names without a hash, and exports by their own names: a server that runs while a newer program
  // is put in its place still finds what it loads late.
  chunkFileNames: nameOf,
  minifyInternalExports: false,
  comments: { legal: true, annotation: false, jsdoc: false },
  codeSplitting: {
    groups: [
      { name: 'start', test: /\/(errors|version)\.js$|\/commander\//, priority: 1 },
      { name: 'shared', minShareCount: SHARED_BY },
    ],
  },
});
const paths = output.find(({ isEntry, code }) => isEntry && code.includes('import.meta'));
if (paths) throw new Error(`${paths.fileName} would look for files beside itself`); // see keepPaths
writeFileSync(join(folder, 'program/LICENCES.txt'), licences());

/** 'mysql2/promise' → 'mysql2', '@clack/prompts' as it is. */
function libraryOf(id) {
  return id.match(/^(@[^/]+\/)?[^/]+/)?.[0] ?? id;
}

/** A module finds its files (migrations, dialplan…) from where it lay before it was joined. */
function keepPaths(code, id) {
  if (!id.startsWith(`${folder}/`)) return;
  return code.replaceAll(
    'import.meta.url',
    `new URL('../${relative(folder, id)}', import.meta.url).href`,
  );
}

/** After the last of its modules: cli/list.js → program/cli-list.js; a library's after the library. */
function nameOf({ name, moduleIds }) {
  if (['start', 'shared'].includes(name) || moduleIds.length === 0) return 'program/[name].js';
  const module = moduleIds.at(-1);
  const own = libraryIn(module) ?? relative(folder, module).replace(/\.js$/, '');
  return `program/${own.replaceAll('/', '-')}.js`;
}

/** The name of the library that a module belongs to; undefined for one of ours. */
function libraryIn(module) {
  return module.includes('/node_modules/')
    ? libraryOf(module.split('/node_modules/').at(-1))
    : undefined;
}

/** The licences of the libraries that became a part of the program, which must go with it. */
function licences() {
  const libraries = output
    .flatMap(({ moduleIds }) => moduleIds)
    .flatMap((id) => libraryIn(id) ?? []);
  return [...new Set(libraries)].sort().map(licenceOf).join('\n');
}

function licenceOf(name) {
  if (!(name in devDependencies)) throw new Error(`${name} is not in package.json`);
  const place = join(root, 'node_modules', name);
  const file = readdirSync(place).find((file) => /^licen[cs]e/i.test(file));
  if (!file) throw new Error(`${name} has no file with its licence`);
  return `== ${name}\n\n${readFileSync(join(place, file), 'utf8').trim()}\n`;
}
