import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Locked, locked } from '../support/lock.ts';

/** Made anew by `npx vitest run test/package/licences.test.ts -u`. */
const PAGE = '../../docs/licences.md';

/** What may be part of a program under the MIT licence, and be given away with it. */
const FINE = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', 'MIT-0'];

/** package.json of these names none: their licence was read by a person. */
const READ: Readonly<Record<string, readonly [licence: string, words: string]>> = {
  'ding-dong': ['MIT', 'The MIT License (MIT)'],
};

/** Libraries for development only, but for those that the build makes a part of the program. */
const joined = new Set(['commander', 'valibot']);
const shipped = locked.filter(({ name, dev }) => !dev || joined.has(name));

test('docs/licences.md has all libraries that come with the program', async () => {
  const text = [
    '# Licences',
    'ipcountry itself is under the [MIT licence](../LICENSE). These are the libraries that come with it from npm, and their licences. Those marked with * are a part of the program; `dist/program/LICENCES.txt` has their texts, and the folder of each other library its own. Made from the lock file and what is installed.',
    `| library | version | licence |\n|---|---|---|\n${shipped.map(row).join('\n')}`,
    'The Debian package leaves out what only an installation from npm needs, and brings Node.js, whose licence (MIT, and those of what it includes) lies beside it as `LICENSE.node`.',
  ].join('\n\n');
  await expect(`${text}\n`).toMatchFileSnapshot(PAGE);
});

test('all of them may be given away with it', () => {
  const others = shipped.filter(({ path }) => !isFine(licenceOf(path)));
  expect(others.map(({ path }) => `${path}: ${licenceOf(path)}`)).toEqual([]);
});

test('what the build joined into the program is marked, and brings its licence', async () => {
  const { build } = await import('../support/build.ts');
  const built = await build();
  const text = readFileSync(join(built.folder, 'dist/program/LICENCES.txt'), 'utf8');
  built.remove();
  expect([...text.matchAll(/^== (.*)$/gm)].map(([, name]) => name)).toEqual([...joined]);
  expect(text.match(/Permission is hereby granted/g)).toHaveLength(joined.size);
});

function row({ path, name, version }: Locked): string {
  return `| ${name}${joined.has(name) ? ' *' : ''} | ${version} | ${licenceOf(path)} |`;
}

/** As the installed library says it, for what is left out on this system as the lock file does. */
function licenceOf(path: string): string {
  const { name, license } = locked.find((library) => library.path === path)!;
  const [read, words] = READ[name] ?? [];
  if (!existsSync(path)) return license ?? 'unknown';
  if (read && licenceText(path).includes(words!)) return read;
  return JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')).license ?? 'unknown';
}

function licenceText(path: string): string {
  const file = readdirSync(path).find((name) => /^licen[cs]e/i.test(name));
  return file ? readFileSync(join(path, file), 'utf8') : '';
}

/** One that is fine, or a choice that has one. */
function isFine(licence: string): boolean {
  return licence
    .replace(/^\((.*)\)$/, '$1')
    .split(' OR ')
    .some((one) => FINE.includes(one));
}
