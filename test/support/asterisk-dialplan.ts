import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { askAsterisk } from '../../src/asterisk/index.ts';
import type { AsteriskVersion } from './asterisk-lab.ts';
import { until } from './asterisk-until.ts';

const CONFIG = fileURLToPath(new URL('../asterisk/config/', import.meta.url));

/** An Asterisk that loads a dialplan and nothing else: it opens no port. */
export interface DialplanAsterisk {
  /** Its configuration, without our dialplan. */
  readonly etc: string;
  /** How its console is called, for `--asterisk`. */
  readonly console: string;
  rx(command: string): Promise<string>;
  stop(): Promise<void>;
}

export async function startDialplan(
  { name, root, modules }: AsteriskVersion,
  kind: 'freepbx' | 'plain',
): Promise<DialplanAsterisk> {
  const folder = mkdtempSync(join(tmpdir(), 'ipcountry-dialplan-'));
  const etc = join(folder, 'etc');
  for (const part of ['common', kind]) cpSync(join(CONFIG, part), etc, { recursive: true });
  for (const part of ['lib', 'spool', 'run', 'log']) mkdirSync(join(folder, part));
  const main = readFileSync(join(etc, 'asterisk.conf'), 'utf8');
  writeFileSync(join(etc, 'asterisk.conf'), main.replace('@MODULES@', modules));
  writeFileSync(join(etc, 'modules.conf'), '[modules]\nautoload=no\nload=pbx_config.so\n');
  if (kind === 'freepbx') writeFileSync(join(etc, 'extensions_override_freepbx.conf'), '');
  else {
    const dialplan = readFileSync(join(etc, 'extensions.conf'), 'utf8');
    writeFileSync(
      join(etc, 'extensions.conf'),
      dialplan.replace(/^#include ipcountry\.conf\n/m, ''),
    );
  }

  // Mounts of its own, gone with the process; setpriv ends it with the test process.
  const script = `set -e
    mount --bind "$1" "$1"; mount -o remount,ro,bind "$1"
    mount --rbind /proc "$1/proc"; mount --rbind /dev "$1/dev"; mount -t tmpfs tmpfs "$1/tmp"
    mount --bind "$2" "$1/mnt"
    exec chroot "$1" asterisk -C /mnt/etc/asterisk.conf -f -g >/dev/null`;
  const unshare = ['unshare', '--mount', '--propagation=private', 'bash', '-c', script, '-'];
  const asterisk = spawn('setpriv', ['--pdeathsig', 'KILL', ...unshare, root, folder], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const closed = once(asterisk, 'close');
  const console = `nsenter --mount=/proc/${asterisk.pid}/ns/mnt chroot ${root} asterisk -C /mnt/etc/asterisk.conf`;
  const rx = (command: string) => askAsterisk(console, command);
  await until(`${name} to be ready`, async () => {
    if (asterisk.exitCode !== null) throw new Error(`${name} ended; log in ${folder}`);
    return (await rx('core waitfullybooted').catch(() => '')).includes('fully booted');
  });
  return {
    etc,
    console,
    rx,
    async stop() {
      asterisk.kill('SIGKILL');
      await closed;
      rmSync(folder, { recursive: true });
    },
  };
}
