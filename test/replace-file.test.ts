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

test('a pipe stays a pipe, and gets the text: /dev/null must never become a file', () => {
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  const reader = openSync(path, 'r+'); // opens without waiting for the other end
  replaceFile(path, 'text');
  const bytes = Buffer.alloc(10);
  expect(bytes.toString('utf8', 0, readSync(reader, bytes))).toBe('text');
  expect(statSync(path).isFIFO()).toBe(true);
});
