import { spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../../src/database/index.ts';
import { type Built, build } from '../support/build.ts';
import { outcome } from '../support/program.ts';

/** The service's user. */
const SERVICE = { uid: 65_534, gid: 65_534 };
const STRANGER = { uid: 65_533, gid: 65_533 };

const isRoot = process.getuid?.() === 0;
if (!isRoot) console.warn('left out, as they need root: whom a database belongs to');

let built: Built;
let folder: string;
let path: string;
let open: Database | undefined;

beforeAll(async () => {
  if (isRoot) built = await build();
}, 60_000);
afterAll(() => built?.remove());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ipcountry-owner-'));
  path = join(folder, 'ipcountry.db');
  chmodSync(folder, 0o750);
});
afterEach(() => {
  open?.close();
  rmSync(folder, { recursive: true });
});

/** File → who owns it. */
const owners = () =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, statSync(join(folder, name)).uid]));

const permit = (user: typeof SERVICE, ...words: string[]) =>
  outcome(
    spawn(process.execPath, [join(built.folder, 'dist/main.js'), ...words], {
      ...user,
      cwd: '/',
      env: { PATH: process.env['PATH'], IPCOUNTRY_DATABASE_PATH: path },
    }),
  );

describe.runIf(isRoot)('in a folder that is the service’s', () => {
  beforeEach(() => chownSync(folder, SERVICE.uid, SERVICE.gid));

  it('root makes a database that the service can use, while it is open and afterwards', async () => {
    open = openDatabase(path);
    open.prepare("UPDATE setting SET value = 'monitor' WHERE name = 'mode'").run();
    const { uid } = SERVICE;
    expect(owners()).toEqual({
      'ipcountry.db': uid,
      'ipcountry.db-shm': uid,
      'ipcountry.db-wal': uid,
    });
    expect(statSync(path)).toMatchObject({ gid: SERVICE.gid, mode: 0o100640 });
    expect((await permit(SERVICE, 'permit', 'US')).code).toBe(0);
  });

  it('root changes the service’s database, and leaves no file that shuts the service out', async () => {
    expect((await permit(SERVICE, 'permit', 'US')).code).toBe(0);
    open = openDatabase(path);
    open.prepare("UPDATE setting SET value = 'monitor' WHERE name = 'mode'").run();
    expect(new Set(Object.values(owners()))).toEqual(new Set([SERVICE.uid]));
    expect((await permit(SERVICE, 'permit', 'CA')).code).toBe(0);
  });

  it('others hear that they need the rights, and nothing is made anywhere', async () => {
    const denied = {
      code: 2,
      err: `ipcountry: database ${path}: you may not use it; run this as root (sudo ipcountry ...), or as the user that it belongs to\n`,
    };
    expect(await permit(STRANGER, 'permit', 'US')).toMatchObject(denied);
    expect(readdirSync(folder)).toEqual([]);
    await permit(SERVICE, 'permit', 'US');
    expect(await permit(STRANGER, 'list')).toMatchObject(denied);
    chmodSync(folder, 0o755); // may be seen, and not be written to
    chmodSync(path, 0o644);
    expect(await permit(STRANGER, 'permit', 'CA')).toMatchObject(denied);
  });

  it('who may not read the configuration hears that, not that it is wrong', async () => {
    const config = join(folder, 'ipcountry.toml');
    writeFileSync(config, '');
    expect(await permit(STRANGER, '--config', config, 'list')).toMatchObject({
      code: 2,
      err: `ipcountry: ${config}: you may not read it; run this as root (sudo ipcountry ...), or as the user of the service\n`,
    });
  });
});
