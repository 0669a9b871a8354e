import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build } from '../support/build.ts';
import { ask, openPlace, type Place } from '../support/place.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

let folder: string;
let files: string[];
let place: Place;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ipcountry-npm-'));
  const built = await build();
  const checkout = join(folder, 'checkout');
  for (const name of ['db', 'dialplan', 'fail2ban', 'data-sample', 'systemd', 'docs', 'test']) {
    cpSync(join(ROOT, name), join(checkout, name), { recursive: true });
  }
  for (const name of ['package.json', 'README.md', 'LICENSE']) {
    cpSync(join(ROOT, name), join(checkout, name));
  }
  cpSync(join(built.folder, 'dist'), join(checkout, 'dist'), {
    recursive: true,
    dereference: true,
  });
  built.remove();
  const pack = ['pack', '--ignore-scripts', '--json', '--offline', '--pack-destination', folder];
  const [packed] = JSON.parse(execFileSync('npm', pack, { cwd: checkout, encoding: 'utf8' }));
  files = packed.files.map((file: { path: string }) => file.path);

  const installed = join(folder, 'node_modules/ipcountry');
  mkdirSync(installed, { recursive: true });
  const unpack = ['xzf', join(folder, packed.filename), '-C', installed, '--strip-components=1'];
  execFileSync('tar', unpack);
  linkDependencies();
  place = await openPlace({ folder: installed, remove() {} });
}, 60_000);
afterAll(async () => {
  await place?.remove();
  rmSync(folder, { recursive: true });
});

/** What npm would fetch: of this checkout's modules, those that are not for development alone. */
function linkDependencies(): void {
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
  for (const [path, { dev }] of Object.entries<{ dev?: boolean }>(lock.packages)) {
    if (dev || path.split('node_modules/').length !== 2) continue;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    symlinkSync(join(ROOT, path), join(folder, path));
  }
}

describe('the package for npm', () => {
  it('has what the program needs and people read, and nothing else', () => {
    const wanted = [
      ...['dist/main.js', 'db/0001-foundation.sql', 'dialplan/plain.conf', 'docs/ipcountry.toml'],
      ...['data-sample/country-sample.mmdb', 'fail2ban/filter.d/ipcountry.conf'],
      ...['systemd/ipcountry.service', 'README.md', 'LICENSE', 'package.json'],
    ];
    expect(files).toEqual(expect.arrayContaining(wanted));
    expect(files.filter((file) => /^(src|test|scripts)\/|\.ts$|\.map$/.test(file))).toEqual([]);
    // The program, and not the modules that it was made of.
    const built = files.filter((file) => file.startsWith('dist/'));
    expect(built.filter((file) => !file.startsWith('dist/program/')).sort()).toEqual([
      'dist/firewall-watcher.js',
      'dist/ipcountry.1',
      'dist/main.js',
    ]);
  });

  it('runs from there', async () => {
    expect(await place.run('--version')).toMatchObject({ code: 0, out: '0.1.0\n' });
    expect(await place.run('check', '127.0.0.1')).toMatchObject({ code: 0 });
    expect(await place.run('check', '203.0.113.9')).toMatchObject({ code: 1 });
    expect((await place.run('dialplan', 'print')).out).toContain('ipcountry');
    const serving = await place.serve();
    expect((await ask(place.at, '203.0.113.9')).stranger).toBe('true');
    expect(await serving.end('SIGTERM')).toEqual({ code: 0, signal: null });
  });
});
