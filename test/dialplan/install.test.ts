import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defaultFile, detectKind } from '../../src/dialplan/index.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ipcountry-root-'));
  mkdirSync(join(root, 'etc/asterisk'), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true }));

describe('the kind of PBX', () => {
  it.each(['etc/freepbx.conf', 'etc/asterisk/extensions_override_freepbx.conf'])(
    'is FreePBX where there is %s',
    (file) => {
      writeFileSync(join(root, file), '');
      expect(detectKind(root)).toBe('freepbx');
    },
  );

  it('is plain Asterisk otherwise', () => {
    writeFileSync(join(root, 'etc/asterisk/extensions.conf'), '');
    expect(detectKind(root)).toBe('plain');
  });

  it('tells which file is changed', () => {
    expect(defaultFile('freepbx')).toBe('/etc/asterisk/extensions_override_freepbx.conf');
    expect(defaultFile('plain')).toBe('/etc/asterisk/extensions.conf');
  });
});
