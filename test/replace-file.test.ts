import { execFileSync } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, readSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { replaceFile } from '../src/replace-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'ipcountry-replace-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a file gets the new text', () => {
  const path = join(folder, 'file');
  replaceFile(path, 'old');
  replaceFile(path, 'new');
  expect(readFileSync(path, 'utf8')).toBe('new');
});

test('a new file has the owner and mode it is told; one that is there keeps its own', () => {
  const path = join(folder, 'secret');
  const ids = () => {
    const { uid, gid, mode } = statSync(path);
    return { uid, gid, mode: mode & 0o7777 };
  };
  const mine = { uid: process.getuid!(), gid: process.getgid!() };
  replaceFile(path, 'text', { ...mine, mode: 0o640 });
  expect(ids()).toEqual({ ...mine, mode: 0o640 });
  replaceFile(path, 'text', { ...mine, mode: 0o666 });
  expect(ids()).toEqual({ ...mine, mode: 0o640 });
});

test('a pipe stays a pipe, and gets the text: /dev/null must never become a file', () => {
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  const reader = openSync(path, 'r+'); // opens without waiting for the other end
  replaceFile(path, 'text');
  const bytes = Buffer.alloc(10);
  expect(bytes.toString('utf8', 0, readSync(reader, bytes))).toBe('text');
  expect(statSync(path).isFIFO()).toBe(true);
});
