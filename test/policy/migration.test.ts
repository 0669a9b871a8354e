import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseAddress } from '../../src/address/index.ts';
import { addBlock } from '../../src/blocks/index.ts';
import { openDatabase } from '../../src/database/index.ts';
import { addRule, listRules, parseSubject } from '../../src/policy/index.ts';
import { type Built, build } from '../support/build.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ipcountry-migration-'));
  path = join(folder, 'ipcountry.db');
});
afterEach(() => rmSync(folder, { recursive: true }));

const PRIVATE = [
  '10.0.0.0/8 private',
  '172.16.0.0/12 private',
  '192.168.0.0/16 private',
  '127.0.0.0/8 loopback',
  '169.254.0.0/16 link-local',
  '::1 loopback',
  'fe80::/10 link-local',
  'fc00::/7 unique-local',
];

it('a database of the first version keeps rules and waiting alerts, and takes blocks', () => {
  const old = new SQLite(path);
  old.exec(readFileSync(new URL('../../db/0001-foundation.sql', import.meta.url), 'utf8'));
  old.pragma('user_version = 1');
  old.exec(
    "INSERT INTO alert (call_id, created_at, counted, facts, due_at) VALUES (1, 0, '', '{}', 0)",
  );
  addRule(old, { list: 'permit', subject: parseSubject('US'), origin: 'test' }, 0);
  old.close();
  const database = openDatabase(path);
  expect(listRules(database).map((rule) => rule.text)).toContain('US');
  expect(database.prepare('SELECT kind FROM alert').pluck().all()).toEqual(['call']);
  const source = parseAddress('203.0.113.7')!;
  const block = { source, reason: 'manual', origin: 'test', seconds: undefined } as const;
  expect(addBlock(database, block, { now: 0, mail: true })).toBe(true);
  database.close();
});

describe('a new database', () => {
  it('permits the private, loopback, link-local and unique-local ranges, nothing else', () => {
    const database = openDatabase(path);
    const rules = listRules(database);
    expect(rules.map((rule) => `${rule.text} ${rule.note}`)).toEqual(PRIVATE);
    for (const rule of rules) {
      expect(rule).toMatchObject({ list: 'permit', origin: 'initial', expiresAt: undefined });
      // What is matched is what is shown.
      expect(rule.subject).toEqual(parseSubject(rule.text));
    }
    database.close();
  });

  it('is made with its folder', () => {
    const deep = join(folder, 'a', 'b', 'ipcountry.db');
    openDatabase(deep).close();
    expect(statSync(deep).isFile()).toBe(true);
  });

  it('opened again keeps what it holds, and the private ranges that were taken out stay out', () => {
    const first = openDatabase(path);
    first.exec("DELETE FROM rule WHERE subject = '10.0.0.0/8'");
    addRule(first, { list: 'permit', subject: parseSubject('US'), origin: 'test' }, 0);
    first.close();
    const again = openDatabase(path);
    const texts = listRules(again).map((rule) => rule.text);
    expect(texts).toContain('US');
    expect(texts).not.toContain('10.0.0.0/8');
    again.close();
  });

  it('keeps its log beside it: a commit survives the death of the process', () => {
    const database = openDatabase(path);
    expect(database.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(database.pragma('synchronous', { simple: true })).toBe(1);
    database.close();
  });
});

describe('the views trust, deny and permit, for a person with sqlite3', () => {
  it.each(['trust', 'deny', 'permit'] as const)('%s shows its rules and no others', (list) => {
    const database = openDatabase(path);
    database.exec('DELETE FROM rule');
    for (const [where, text] of [
      ['trust', 'FR'],
      ['deny', 'GB'],
      ['permit', 'US'],
    ] as const) {
      const rule = { list: where, subject: parseSubject(text), origin: 'cli:root', note: 'why' };
      addRule(database, { ...rule, expiresAt: 1_700_086_400_000 }, 1_700_000_000_000);
    }
    expect(database.prepare(`SELECT * FROM "${list}"`).all()).toEqual([
      {
        id: expect.any(Number),
        kind: 'country',
        subject: { trust: 'FR', deny: 'GB', permit: 'US' }[list],
        note: 'why',
        origin: 'cli:root',
        created: '2023-11-14 22:13:20',
        expires: '2023-11-15 22:13:20',
      },
    ]);
    database.close();
  });
});

describe('a database that can’t be used', () => {
  it('newer than the program', () => {
    const database = openDatabase(path);
    const newest = database.pragma('user_version', { simple: true }) as number;
    database.pragma(`user_version = ${newest + 1}`);
    database.close();
    expect(() => openDatabase(path)).toThrow(
      `database ${path}: made by a newer ipcountry (version ${newest + 1}, this one knows ${newest}); upgrade ipcountry`,
    );
    const untouched = new SQLite(path);
    expect(untouched.pragma('user_version', { simple: true })).toBe(newest + 1);
    untouched.close();
  });

  it('to be read only, and not yet brought up to date', () => {
    new SQLite(path).exec('CREATE TABLE x (y)').close();
    expect(() => openDatabase(path, { readonly: true })).toThrow(
      /must be brought up to date first/,
    );
  });

  it('no SQLite file', () => {
    writeFileSync(path, 'hello '.repeat(1_000));
    expect(() => openDatabase(path)).toThrow(/this file is no SQLite database/);
  });

  it('a folder in its place', () => {
    mkdirSync(path);
    expect(() => openDatabase(path)).toThrow(/can't be opened/);
  });

  it('a file in the place of its folder', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => openDatabase(join(folder, 'file', 'ipcountry.db'))).toThrow(/can't be opened/);
  });

  it('to be read only, and not there', () => {
    expect(() => openDatabase(path, { readonly: true })).toThrow(/can't be opened/);
    expect(() => openDatabase(join(folder, 'none', 'x.db'), { readonly: true })).toThrow(
      /can't be opened/,
    );
  });

  it('locked by another program', () => {
    const other = new SQLite(path);
    other.exec('BEGIN EXCLUSIVE');
    expect(() => openDatabase(path, { busyTimeout: 50 })).toThrow(/keeps it locked/);
    other.close();
  });

  it('with a migration that fails half-way: nothing of it is left', () => {
    const before = new SQLite(path);
    before.exec('CREATE TABLE scanner (mine)');
    before.close();
    expect(() => openDatabase(path)).toThrow(/table scanner already exists/);
    const after = new SQLite(path);
    expect(after.pragma('user_version', { simple: true })).toBe(0);
    const tables = after
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table'")
      .pluck()
      .all();
    expect(tables).toEqual(['scanner']);
    after.close();
  });
});

describe('two programs that open a new database at once', () => {
  let built: Built;
  let program: string;
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    built = await build();
    program = join(built.folder, 'open.mjs');
    writeFileSync(
      program,
      `import { openDatabase } from './dist/database/index.js';
       process.on('message', (path) => {
         let said;
         try {
           const database = openDatabase(path);
           said = database.prepare('SELECT count(*) FROM rule').pluck().get();
           database.close();
         } catch (cause) {
           said = cause.message;
         }
         process.send(said);
       });
       process.send('ready');`,
    );
  });
  afterAll(() => {
    for (const child of children) child.kill();
    built.remove();
  });

  it('both find it whole', async () => {
    const next = (child: ChildProcess) =>
      new Promise((resolve) => child.once('message', (said) => resolve(said)));
    const both = [0, 1].map(() => fork(program, { execArgv: [] }));
    children.push(...both);
    expect(await Promise.all(both.map(next))).toEqual(['ready', 'ready']);
    for (let round = 0; round < 25; round++) {
      const fresh = join(folder, `${round}.db`);
      const answers = Promise.all(both.map(next));
      for (const child of both) child.send(fresh);
      expect(await answers).toEqual([PRIVATE.length, PRIVATE.length]);
    }
  });
});
