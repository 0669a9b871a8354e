import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { applyEdit, fromBytes, readText, toBytes } from '../src/edits.ts';
import { Fault } from '../src/errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'ipcountry-edits-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'file');

test('bytes of any encoding come back as they were', () => {
  const bytes = Buffer.from([0x41, 0xff, 0xfe, 0xc3, 0xbc, 0x0d, 0x0a]);
  writeFileSync(file, bytes);
  const before = readText(file)!;
  applyEdit({ file, before, after: `${before}${toBytes('ü')}` });
  expect(readFileSync(file)).toEqual(Buffer.concat([bytes, Buffer.from('ü')]));
  expect(fromBytes(toBytes('ü €'))).toBe('ü €');
});

test('a file can go away, and be gone already', () => {
  writeFileSync(file, 'x');
  applyEdit({ file, before: 'x', after: undefined });
  expect(existsSync(file)).toBe(false);
  applyEdit({ file, before: 'x', after: undefined });
  expect(readText(file)).toBeUndefined();
});

test('what can not be read is no missing file', () => {
  expect(() => readText(folder)).toThrow(Fault);
});
