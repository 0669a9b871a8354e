import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { lastBackup } from '../../src/backup/index.ts';
import { type Database, openDatabase } from '../../src/database/index.ts';
import { createJournal } from '../../src/journal/index.ts';
import { aStranger } from '../support/calls.ts';
import { openShell, type Shell } from '../support/cli.ts';
import { listeningLog } from '../support/log.ts';

let shell: Shell;
let file: string;
let path: string;

beforeEach(() => {
  shell = openShell();
  file = join(shell.folder, 'backup.tar.gz');
  path = shell.env['IPCOUNTRY_DATABASE_PATH']!;
});
afterEach(() => shell.remove());

/** Whatever a test does, nothing of a backup lies about afterwards. */
const tmp = mkdtempSync(join(tmpdir(), 'ipcountry-tmp-'));
beforeAll(() => {
  process.env['TMPDIR'] = tmp;
});
afterEach(() => {
  expect(readdirSync(tmp).filter((name) => name.startsWith('ipcountry-backup-'))).toEqual([]);
});
afterAll(() => rmSync(tmp, { recursive: true }));

function inDatabase<T>(work: (database: Database) => T): T {
  const database = openDatabase(path);
  try {
    return work(database);
  } finally {
    database.close();
  }
}

/** A call that was refused, and the mail that is owed for it. */
const refused = (source: string) =>
  inDatabase((database) =>
    createJournal(database, { log: listeningLog().log, alerts: true }).record(aStranger(source)),
  );
const rows = (sql: string) => inDatabase((database) => database.prepare(sql).pluck().all());
const subjects = () => rows("SELECT list || ' ' || subject FROM rule WHERE origin <> 'initial'");
const json = async (...argv: string[]) => {
  const ran = await shell('--json', ...argv);
  expect(ran.code, ran.err).toBe(0);
  return ran.json;
};

describe('backup', () => {
  beforeEach(() => shell('permit', 'US'));

  it('says what is in it, is for its owner alone, and is noted', async () => {
    expect(inDatabase(lastBackup)).toBeUndefined();
    const before = Date.now();
    const { out, code } = await shell('backup', file);
    expect(code).toBe(0);
    expect(out).toMatch(
      /^\S+backup.tar.gz \(\d+ KiB, checked\): 9 rules, 0 extensions, 0 domains, 0 calls\nno configuration file is in use/,
    );
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(inDatabase(lastBackup)).toBeGreaterThanOrEqual(before);
    expect(readdirSync(shell.folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('is a tar.gz that other programs read, too', async () => {
    await shell('backup', file);
    execFileSync('tar', ['xzf', file, '-C', shell.folder, '--one-top-level=out']);
    const database = new SQLite(join(shell.folder, 'out/ipcountry.db'), { readonly: true });
    expect(
      database.prepare("SELECT subject FROM permit WHERE kind = 'country'").pluck().all(),
    ).toEqual(['US']);
    database.close();
    const manifest = readFileSync(join(shell.folder, 'out/manifest.json'), 'utf8');
    expect(JSON.parse(manifest)).toMatchObject({ ipcountry: 'backup', form: 1, version: '0.1.0' });
  });

  it('replaces no file unasked, and none with half a backup', async () => {
    writeFileSync(file, 'precious');
    expect(await shell('backup', file)).toMatchObject({
      code: 2,
      err: `ipcountry: ${file} is there already: give another name, or replace it with --force\n`,
    });
    inDatabase((database) => database.pragma('wal_checkpoint(TRUNCATE)'));
    truncateSync(path, statSync(path).size - 4_096);
    const damaged = await shell('backup', '--force', file);
    expect([damaged.code, damaged.err]).toEqual([
      2,
      expect.stringContaining('damaged; restore a backup'),
    ]);
    expect(readFileSync(file, 'utf8')).toBe('precious');
  });

  it.each(['nowhere/backup.tar.gz', '.'])('to %s is a fault', async (name) => {
    const { code, err } = await shell('backup', '--force', join(shell.folder, name));
    expect([code, err]).toEqual([2, expect.stringMatching(/can't be written \((ENOENT|EISDIR)\)/)]);
    expect(inDatabase(lastBackup)).toBeUndefined();
  });
});

describe('restore', () => {
  beforeEach(async () => {
    await shell('permit', 'US');
    await shell('extension', 'add', 'weather', '--goto', 'from-internal,947,1');
    refused('192.0.2.1');
    await shell('backup', file);
    await shell('reset', 'permit', '--yes');
    await shell('deny', 'FR');
    await shell('mode', 'monitor');
    await shell('extension', 'remove', 'weather');
    refused('192.0.2.2');
  });

  it('shows what would be replaced and asks; without an answer nothing is changed', async () => {
    const before = inDatabase((database) => database.prepare('SELECT * FROM rule').all());
    const { code, err } = await shell('restore', file);
    expect(code).toBe(2);
    expect(err).toMatch(
      /^backup of \d{4}-\d\d-\d\d \d\d:\d\d:\d\d, made on \S+ by ipcountry 0\.1\.0\n/,
    );
    expect(err).toMatch(/^mode +enforce +monitor$/m);
    expect(err).toMatch(/^permit +9 +8$/m);
    expect(err).toMatch(/^extensions +1 +0$/m);
    expect(err).toContain('nothing was changed; say --yes');
    expect(inDatabase((database) => database.prepare('SELECT * FROM rule').all())).toEqual(before);
  });

  it('brings rules, extensions and mode back, and saves what was there before', async () => {
    const { saved, from, contents } = await json('restore', '--yes', file);
    expect(subjects()).toEqual(['permit US']);
    expect(rows("SELECT value FROM setting WHERE name = 'mode'")).toEqual(['enforce']);
    expect(rows('SELECT name FROM extension')).toEqual(['weather']);
    expect(contents).toMatchObject({ permit: 9, deny: 0, mode: 'enforce' });
    expect(inDatabase(lastBackup)).toBe(Date.parse(from));

    expect(statSync(saved).mode & 0o777).toBe(0o600);
    await json('restore', '--yes', saved);
    expect(subjects()).toEqual(['deny FR']);
    expect(rows("SELECT value FROM setting WHERE name = 'mode'")).toEqual(['monitor']);
  });

  it('takes no call out of the journal, and brings back those that were lost', async () => {
    inDatabase((database) => database.exec("DELETE FROM call WHERE source = '192.0.2.1'"));
    await json('restore', '--yes', file);
    expect(rows('SELECT source FROM call ORDER BY id')).toEqual(['192.0.2.1', '192.0.2.2']);
  });

  it('has no mail sent twice', async () => {
    // What waited when the backup was made has been sent; what was refused since waits.
    inDatabase((database) => database.exec("DELETE FROM alert WHERE counted = '192.0.2.1'"));
    await json('restore', '--yes', file);
    expect(rows('SELECT counted FROM alert')).toEqual(['192.0.2.2']);
    rmSync(path);
    await json('restore', '--yes', file);
    expect([rows('SELECT counted FROM alert'), subjects()]).toEqual([[], ['permit US']]);
  });

  it('leaves the firewall as it was confirmed; into a new database it comes too', async () => {
    const choose = (value: string) =>
      inDatabase((database) =>
        database
          .prepare("INSERT OR REPLACE INTO setting (name, value) VALUES ('firewall', ?)")
          .run(value),
      );
    const choice = () => rows("SELECT value FROM setting WHERE name LIKE 'firewall%'");
    choose('"then"');
    inDatabase((database) =>
      database.exec("INSERT INTO setting VALUES ('firewall_trial', '\"never confirmed\"')"),
    );
    await shell('backup', '--force', file);
    inDatabase((database) => database.exec("DELETE FROM setting WHERE name = 'firewall_trial'"));
    choose('"now"');
    await json('restore', '--yes', file);
    expect(choice()).toEqual(['"now"']);
    rmSync(path);
    await json('restore', '--yes', file);
    expect(choice()).toEqual(['"then"']);
  });

  it('puts a damaged database aside, whole', async () => {
    writeFileSync(path, 'this was a database');
    const { saved } = await json('restore', '--yes', file);
    expect(saved).toMatch(/ipcountry\.db\.damaged-[\dTZ.-]+$/);
    expect(readFileSync(saved, 'utf8')).toBe('this was a database');
    expect(subjects()).toEqual(['permit US']);
  });

  it('finds damage that lies deeper', async () => {
    inDatabase((database) => database.pragma('wal_checkpoint(TRUNCATE)'));
    truncateSync(path, statSync(path).size - 4_096);
    const { out } = await shell('restore', '--yes', file);
    expect(out).toContain('restart server and guard');
    expect(subjects()).toEqual(['permit US']);
    expect(inDatabase((database) => database.pragma('integrity_check', { simple: true }))).toBe(
      'ok',
    );
  });

  it('is refused where it would shut the administrator out', async () => {
    shell.env['SSH_CONNECTION'] = '192.0.2.7 1234 192.0.2.1 22';
    await shell('deny', '192.0.2.0/24', '--force');
    await shell('backup', '--force', file);
    await shell('remove', 'deny', '192.0.2.0/24');
    const before = subjects();
    const { code, err } = await shell('restore', '--yes', file);
    expect([code, err]).toEqual([2, expect.stringContaining("refused: '192.0.2.0/24' covers")]);
    expect(subjects()).toEqual(before);
    await json('restore', '--yes', '--force', file);
    expect(subjects()).toContain('deny 192.0.2.0/24');
  });

  it.each<[string, (database: Database) => void, RegExp]>([
    [
      'a newer ipcountry',
      (database) => database.pragma('user_version = 99'),
      /made by a newer ipcountry \(0\.1\.0\)/,
    ],
    [
      'other columns',
      (database) => database.exec('ALTER TABLE domain RENAME COLUMN note TO remark'),
      /damaged \(its database is damaged\)/,
    ],
    [
      'no ipcountry',
      (database) => database.exec('DROP TABLE rule; DROP VIEW permit'),
      /damaged \(its database is damaged\)/,
    ],
  ])('of a database of %s changes nothing', async (_, spoil, message) => {
    const good = readFileSync(path);
    const other = join(shell.folder, 'other.db');
    await shell('backup', '--force', file); // the WAL is in it
    execFileSync('tar', [
      'xzf',
      file,
      '-C',
      shell.folder,
      'ipcountry.db',
      '--transform=s/ipcountry.db/other.db/',
    ]);
    const database = new SQLite(other);
    spoil(database);
    const schema = database.pragma('user_version', { simple: true });
    database.close();
    await forge(other, Number(schema));
    const before = subjects();
    const { code, err } = await shell('restore', '--yes', file);
    expect([code, err]).toEqual([2, expect.stringMatching(message)]);
    expect(subjects()).toEqual(before);
    expect(good.length).toBeGreaterThan(0);
  });

  it('brings a database of the first version up to date', async () => {
    const other = join(shell.folder, 'other.db');
    const database = new SQLite(other);
    database.exec(readFileSync(new URL('../../db/0001-foundation.sql', import.meta.url), 'utf8'));
    database.exec("UPDATE rule SET note = 'from the first version' WHERE subject = '10.0.0.0/8'");
    database.pragma('user_version = 1');
    database.close();
    await forge(other, 1);
    await json('restore', '--yes', file);
    expect(rows("SELECT subject FROM rule WHERE note LIKE 'from%'")).toEqual(['10.0.0.0/8']);
  });
});

/** A backup as another ipcountry would have made it. */
async function forge(database: string, schema: number): Promise<void> {
  const { describeFile, writeArchive } = await import('../../src/backup/archive.ts');
  const folder = join(shell.folder, 'forged');
  mkdirSync(folder);
  execFileSync('cp', [database, join(folder, 'ipcountry.db')]);
  const files = [await describeFile(database, 'ipcountry.db')];
  const by = { version: '0.1.0', host: 'pbx', at: 1, schema };
  rmSync(file);
  await writeArchive(file, folder, { ipcountry: 'backup', form: 1, ...by, files });
}

describe('the configuration', () => {
  let config: string;
  let secret: string;
  beforeEach(async () => {
    config = join(shell.folder, 'ipcountry.toml');
    secret = join(shell.folder, 'ami-secret');
    writeFileSync(secret, 'then\n');
    writeFileSync(config, `[ami]\nuser = "then"\nsecret_file = "${secret}"\n`);
    shell.env['IPCOUNTRY_CONFIG'] = config;
    await shell('permit', 'US');
    expect((await shell('backup', file)).out).toContain(
      `with ${config} and 1 file with secrets: keep it where nobody else can read it`,
    );
    writeFileSync(secret, 'now\n');
    writeFileSync(config, '[ami]\nuser = "now"\n');
  });

  it('stays as it is', async () => {
    await json('restore', '--yes', file);
    expect([readFileSync(config, 'utf8'), readFileSync(secret, 'utf8')]).toEqual([
      '[ami]\nuser = "now"\n',
      'now\n',
    ]);
  });

  it('comes back with its secrets where that is asked for', async () => {
    const unasked = await shell('restore', '--config-too', file);
    expect(unasked.err).toContain(
      `this replaces what is in database ${path}, ${config}, ${secret}`,
    );
    await json('restore', '--yes', '--config-too', file);
    expect(readFileSync(config, 'utf8')).toContain('user = "then"');
    expect(readFileSync(secret, 'utf8')).toBe('then\n');
  });

  it('comes back where there is none any more, for its owner alone', async () => {
    rmSync(secret);
    await json('restore', '--yes', '--config-too', file);
    expect(readFileSync(secret, 'utf8')).toBe('then\n');
    rmSync(config);
    writeFileSync(config, '');
    await json('restore', '--yes', '--config-too', file);
    expect(readFileSync(config, 'utf8')).toContain('user = "then"');
  });

  it('that this ipcountry can’t use changes nothing', async () => {
    const saved = join(shell.folder, 'saved.toml');
    execFileSync('tar', [
      'xzf',
      file,
      '-C',
      shell.folder,
      'ipcountry.db',
      '--transform=s/ipcountry.db/other.db/',
    ]);
    const { describeFile, writeArchive } = await import('../../src/backup/archive.ts');
    const folder = join(shell.folder, 'forged');
    mkdirSync(folder);
    execFileSync('cp', [join(shell.folder, 'other.db'), join(folder, 'ipcountry.db')]);
    writeFileSync(join(folder, 'ipcountry.toml'), '[agi]\nport = "no"\n');
    const files = [];
    for (const name of ['ipcountry.db', 'ipcountry.toml'])
      files.push(await describeFile(join(folder, name), name));
    rmSync(file);
    const other = new SQLite(join(folder, 'ipcountry.db'), { readonly: true });
    const schema = other.pragma('user_version', { simple: true }) as number;
    other.close();
    await writeArchive(file, folder, {
      ipcountry: 'backup',
      form: 1,
      version: '0',
      host: '',
      at: 1,
      schema,
      files,
    });
    await shell('deny', 'FR');
    const { code, err } = await shell('restore', '--yes', '--config-too', file);
    expect(code).toBe(2);
    expect(err).toMatch(
      /its configuration can't be used by this ipcountry \(ipcountry\.toml line 2: agi\.port: /,
    );
    expect(subjects()).toContain('deny FR');
    expect(existsSync(saved)).toBe(false);
  });

  it('that is not in the backup can’t be restored', async () => {
    delete shell.env['IPCOUNTRY_CONFIG'];
    await shell('backup', '--force', file);
    const { code, err } = await shell('restore', '--yes', '--config-too', file);
    expect([code, err]).toEqual([2, expect.stringContaining('has no configuration in it')]);
  });
});
