import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const UNIT = new URL('../../systemd/ipcountry-firewall.service', import.meta.url);
const text = readFileSync(UNIT, 'utf8');

describe('ipcountry-firewall.service', () => {
  it('comes before the network and Asterisk, and behind what flushes all rules', () => {
    expect(text).toMatch(/^Before=.*\bnetwork-pre\.target\b.*\basterisk\.service\b/m);
    expect(text).toMatch(/^After=.*\bnftables\.service\b/m);
    expect(text).toMatch(/^ExecStart=\/usr\/bin\/ipcountry firewall load$/m);
  });

  it.runIf(existsSync('/usr/bin/systemd-analyze'))('is sound in the eyes of systemd', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ipcountry-unit-'));
    const unit = join(folder, 'ipcountry-firewall.service');
    // The program need not be installed here.
    writeFileSync(unit, text.replaceAll('/usr/bin/ipcountry', process.execPath));
    try {
      const verify = ['verify', '--man=no', unit];
      expect(execFileSync('systemd-analyze', verify, { encoding: 'utf8', stdio: 'pipe' })).toBe('');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
