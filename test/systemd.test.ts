import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const NAMES = ['ipcountry', 'ipcountry-guard', 'ipcountry-firewall'];

const textOf = (name: string) =>
  readFileSync(new URL(`../systemd/${name}.service`, import.meta.url), 'utf8');

/** Key → value, as far as a key stands once. */
const keysOf = (name: string) =>
  new Map(
    [...textOf(name).matchAll(/^([A-Za-z]+)=(.*)$/gm)].map(([, key, value]) => [key!, value!]),
  );

const CLOSED: Readonly<Record<string, string>> = {
  User: 'ipcountry',
  NoNewPrivileges: 'yes',
  ProtectSystem: 'strict',
  ProtectHome: 'yes',
  PrivateTmp: 'yes',
  PrivateDevices: 'yes',
  StateDirectory: 'ipcountry',
  StateDirectoryMode: '0750',
  UMask: '0027',
  SystemCallFilter: '@system-service',
};

describe.each(NAMES)('%s.service', (name) => {
  it('is closed as the others are', () => {
    expect(Object.fromEntries(keysOf(name))).toMatchObject(CLOSED);
    // V8 writes machine code: with it the program does not start.
    expect(keysOf(name).has('MemoryDenyWriteExecute')).toBe(false);
    const shared = (unit: string) => /# What all three.*?\n\n/s.exec(textOf(unit))?.[0] ?? unit;
    expect(shared(name)).toBe(shared('ipcountry'));
  });

  describe.runIf(existsSync('/usr/bin/systemd-analyze'))('in the eyes of systemd', () => {
    let folder: string;
    let unit: string;
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'ipcountry-unit-'));
      unit = join(folder, `${name}.service`);
      // The program need not be installed here.
      writeFileSync(unit, textOf(name).replaceAll('/usr/bin/ipcountry', process.execPath));
    });
    afterAll(() => rmSync(folder, { recursive: true }));

    it('is sound', () => {
      const verify = ['verify', '--man=no', unit];
      expect(execFileSync('systemd-analyze', verify, { encoding: 'utf8', stdio: 'pipe' })).toBe('');
    });

    it('has an exposure of 2.2 at most, of 10', () => {
      const security = ['security', '--offline=true', '--no-pager', '--threshold=22', unit];
      const { status, stdout } = spawnSync('systemd-analyze', security, { encoding: 'utf8' });
      expect(status, stdout).toBe(0);
    });
  });
});

it('the server has no privilege, guard and firewall have one', () => {
  const privileges = NAMES.map((name) => {
    const keys = keysOf(name);
    return [keys.get('CapabilityBoundingSet'), keys.get('AmbientCapabilities') ?? ''];
  });
  const net = ['CAP_NET_ADMIN', 'CAP_NET_ADMIN'];
  expect(privileges).toEqual([['', ''], net, net]);
});

it('server and guard tell when they are ready, and are started anew when they hang', () => {
  for (const name of ['ipcountry', 'ipcountry-guard']) {
    expect(Object.fromEntries(keysOf(name))).toMatchObject({
      Type: 'notify',
      NotifyAccess: 'all',
      WatchdogSec: '60',
      Restart: 'always',
      StartLimitIntervalSec: '0',
    });
  }
});

it('the firewall comes before the network and Asterisk, and behind what flushes all rules', () => {
  const keys = keysOf('ipcountry-firewall');
  expect(keys.get('Before')).toMatch(/\bnetwork-pre\.target\b.*\basterisk\.service\b/);
  expect(keys.get('After')).toMatch(/\bnftables\.service\b/);
  expect(keys.get('ExecStart')).toBe('/usr/bin/ipcountry firewall load');
});
