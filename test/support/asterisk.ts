import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ManagerLog, watchManager } from './asterisk-ami.ts';
import type { AsteriskVersion } from './asterisk-lab.ts';
import { until } from './asterisk-until.ts';
import type { World } from './netns-world.ts';

const CONFIG = fileURLToPath(new URL('../asterisk/config/', import.meta.url));
const DIALPLAN = fileURLToPath(new URL('../../dialplan/', import.meta.url));

export type DialplanKind = 'freepbx' | 'plain';

/** The files of dialplan/ that make up each kind, and the file that takes them. */
const DIALPLANS: Readonly<Record<DialplanKind, { parts: readonly string[]; file: string }>> = {
  freepbx: { parts: ['core.conf', 'freepbx.conf'], file: 'extensions_override_freepbx.conf' },
  plain: { parts: ['core.conf', 'plain.conf'], file: 'ipcountry.conf' },
};

/** A running Asterisk, alone in its network namespace. */
export interface Asterisk {
  readonly version: AsteriskVersion;
  readonly manager: ManagerLog;
  /** Of every manager account: `guard` is the one of the guard. */
  readonly secret: string;
  /** Of Asterisk itself. */
  readonly pid: number;
  /** Its configuration folder, as seen from here. */
  readonly etc: string;
  /** What the console answers to a command. */
  rx(command: string): Promise<string>;
  /** Everything in the log so far. */
  log(): string;
  stop(): Promise<void>;
}

/**
 * Starts an Asterisk with the dialplan of this checkout and waits until it takes calls.
 * @param enter the namespace of a world that it is to have for itself
 * @param more text to be added to files of its configuration
 */
export async function startAsterisk(
  version: AsteriskVersion,
  enter: World['atPbx'],
  kind: DialplanKind,
  more: Readonly<Record<string, string>> = {},
): Promise<Asterisk> {
  const folder = mkdtempSync(join(tmpdir(), 'ipcountry-asterisk-'));
  const secret = crypto.randomUUID();
  writeConfig(join(folder, 'etc'), version, kind, secret);
  for (const [file, text] of Object.entries(more)) appendFileSync(join(folder, 'etc', file), text);
  for (const name of ['lib', 'spool', 'run', 'log']) mkdirSync(join(folder, name));
  const main = enter(enterRoot(version, folder), { stdio: ['ignore', 'ignore', 'inherit'] });
  const closed = once(main, 'close');

  const rx = (command: string) => console(version, main, command);
  await until(`${version.name} to be ready`, async () => {
    if (main.exitCode !== null) throw new Error(`${version.name} ended; log in ${folder}`);
    return (await rx('core waitfullybooted')).includes('fully booted');
  });
  const manager = await openManager(enter, secret);
  return {
    version,
    manager,
    secret,
    pid: main.pid!,
    etc: join(folder, 'etc'),
    rx,
    log: () => readFileSync(join(folder, 'log', 'full'), 'utf8'),
    async stop() {
      // Not gracefully: a call that a test has left hanging must not hold it up.
      main.kill('SIGKILL');
      manager.close();
      await closed;
      rmSync(folder, { recursive: true });
    },
  };
}

function writeConfig(etc: string, version: AsteriskVersion, kind: DialplanKind, secret: string) {
  for (const part of ['common', version.config, kind]) {
    cpSync(join(CONFIG, part), etc, { recursive: true });
  }
  const { parts, file } = DIALPLANS[kind];
  const dialplan = parts.map((part) => readFileSync(join(DIALPLAN, part), 'utf8'));
  writeFileSync(join(etc, file), dialplan.join('\n'));
  const values: Readonly<Record<string, string>> = {
    '@MODULES@': version.modules,
    '@NOLOAD@': version.channel === 'SIP' ? 'res_pjsip.so' : 'chan_sip.so',
    '@SECRET@': secret,
  };
  for (const name of readdirSync(etc)) {
    const text = readFileSync(join(etc, name), 'utf8');
    writeFileSync(
      join(etc, name),
      text.replace(/@[A-Z]+@/g, (key) => values[key] ?? key),
    );
  }
}

/**
 * Mounts live in a mount namespace of the process's own: the lab stays as it is, nothing is left
 * mounted whatever kills the process, and several can run in one root folder side by side.
 */
function enterRoot({ root }: AsteriskVersion, folder: string): string[] {
  const script = `set -e
    mount --bind "$1" "$1"; mount -o remount,ro,bind "$1"
    mount --rbind /proc "$1/proc"; mount --rbind /dev "$1/dev"; mount -t tmpfs tmpfs "$1/tmp"
    mount --bind "$2" "$1/mnt"; mount --bind "$2/etc/resolv.conf" "$1/etc/resolv.conf"
    exec chroot "$1" asterisk -C /mnt/etc/asterisk.conf -f -g >/dev/null`;
  return ['unshare', '--mount', '--propagation=private', 'bash', '-c', script, '-', root, folder];
}

async function console({ root }: AsteriskVersion, main: ChildProcess, command: string) {
  const asterisk = ['asterisk', '-C', '/mnt/etc/asterisk.conf', '-rx', command];
  const child = spawn(
    'nsenter',
    [`--mount=/proc/${main.pid}/ns/mnt`, 'chroot', root, ...asterisk],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  await once(child, 'close');
  return output;
}

/** A TCP connection to the manager interface inside the namespace, on this side as pipes. */
export function reachManager(enter: World['atPbx']): ChildProcess {
  const script = 'exec 3<>/dev/tcp/127.0.0.1/5038; cat <&3 & exec cat >&3';
  return enter(['bash', '-c', script], { stdio: ['pipe', 'pipe', 'inherit'] });
}

async function openManager(enter: World['atPbx'], secret: string): Promise<ManagerLog> {
  const manager = watchManager(reachManager(enter), secret);
  await until('the manager to let us in', () =>
    manager.messages.some((message) => message['Response'] === 'Success'),
  );
  return manager;
}
