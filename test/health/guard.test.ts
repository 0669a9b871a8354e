import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Heartbeat } from '../../src/guard/heartbeat.ts';
import { guardProblems, isGuardEnabled } from '../../src/health/index.ts';

const NOW = 1_800_000_000_000;
const MINUTE = 60_000;
const life = (facts: Partial<Heartbeat> = {}): Heartbeat => ({
  ...{ since: NOW - 60 * MINUTE, at: NOW - 1_000, away: null, stopped: false },
  ...facts,
});

describe('a guard', () => {
  it.each<[string, Heartbeat | undefined, boolean, string | undefined]>([
    ['that runs', life(), false, undefined],
    ['that runs, as systemd wants it', life(), true, undefined],
    ['that nobody ever wanted', undefined, false, undefined],
    ['that was stopped', life({ stopped: true }), false, undefined],
    ['that was stopped, and starts at boot', life({ stopped: true }), true, 'guard-stopped'],
    ['that never ran, and starts at boot', undefined, true, 'guard-stopped'],
    ['that died', life({ at: NOW - 2 * MINUTE }), false, 'guard-stopped'],
    ['without Asterisk for a minute', life({ away: NOW - MINUTE }), false, undefined],
    ['without Asterisk for longer', life({ away: NOW - 3 * MINUTE }), false, 'guard-away'],
  ])('%s', (_, heartbeat, enabled, code) => {
    expect(guardProblems(heartbeat, enabled, NOW).map((problem) => problem.code)).toEqual(
      code ? [code] : [],
    );
  });

  it('starts at boot where systemd has linked it', () => {
    const root = mkdtempSync(join(tmpdir(), 'ipcountry-root-'));
    try {
      expect(isGuardEnabled(root)).toBe(false);
      const wants = join(root, 'etc/systemd/system/multi-user.target.wants');
      mkdirSync(wants, { recursive: true });
      const unit = new URL('../../systemd/ipcountry-guard.service', import.meta.url).pathname;
      symlinkSync(unit, join(wants, 'ipcountry-guard.service'));
      expect(isGuardEnabled(root)).toBe(true);
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});
