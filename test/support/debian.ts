import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LAB } from './asterisk-lab.ts';
import { until } from './asterisk-until.ts';
import type { Ran } from './cli.ts';
import { outcome } from './program.ts';

const SCRIPT = fileURLToPath(new URL('debian-root.sh', import.meta.url));
const LOWER = join(LAB, 'debian12');

/** Boots systemd, which says how far it has come; or nothing, as where an image is built. */
const INIT = {
  systemd: ['/lib/systemd/systemd', '--show-status=false'],
  nothing: ['sleep', 'infinity'],
} as const;

/** A clean Debian 12, which forgets all in the end. */
export interface Debian {
  /** Runs a program in it, as root. */
  run(...argv: readonly string[]): Promise<Ran>;
  /** The same, for one that has to succeed. @returns what it said, without the last line feed */
  did(...argv: readonly string[]): Promise<string>;
  /** A program in its network; all else is the host's. */
  inNetwork(...argv: readonly string[]): ChildProcess;
  /** All files on its disk. */
  files(): Promise<string[]>;
  close(): Promise<void>;
}

/**
 * @param shared a folder that it sees as /mnt
 * @throws Error where the lab has none: run scripts/lab
 */
export async function openDebian(init: keyof typeof INIT, shared: string): Promise<Debian> {
  if (!existsSync(LOWER)) throw new Error(`there is no ${LOWER}: run scripts/lab as root first`);
  const layer = mkdtempSync(join(tmpdir(), 'ipcountry-debian-'));
  const namespaces = ['--pid', '--mount', '--uts', '--ipc', '--net', '--cgroup', '--fork'];
  const holder = spawn(
    'setpriv',
    [
      ...['--pdeathsig', 'KILL', 'unshare', ...namespaces, '--kill-child'],
      ...['bash', SCRIPT, LOWER, layer, shared, ...INIT[init]],
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const ended = new Promise((resolve) => holder.on('close', resolve));
  const first = await until('Debian’s first process', () => {
    if (holder.exitCode !== null) throw new Error('namespaces can not be made: is this root?');
    const [child] = childrenOf(holder.pid!);
    return child !== undefined && isAt(child, INIT[init][0]) && child;
  });

  const enter = (kinds: readonly string[], argv: readonly string[]) =>
    spawn('setpriv', ['--pdeathsig', 'KILL', 'nsenter', '-t', String(first), ...kinds, ...argv], {
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' },
    });
  async function run(...argv: readonly string[]): Promise<Ran> {
    const child = enter(['-m', '-u', '-i', '-n', '-p', '-C', '-r', '-w'], argv);
    child.stdin.end();
    return outcome(child);
  }
  async function did(...argv: readonly string[]): Promise<string> {
    const { code, out, err } = await run(...argv);
    if (code !== 0) throw new Error(`${argv.join(' ')}: ended with ${code}:\n${out}${err}`);
    return out.trimEnd();
  }
  if (init === 'systemd') {
    await until(
      'systemd',
      async () => /running|degraded/.test((await run('systemctl', 'is-system-running')).out),
      60,
    );
  }
  return {
    run,
    did,
    inNetwork: (...argv) => enter(['-n'], argv),
    files: async () => (await did('find', '/', '-xdev')).split('\n'),
    async close() {
      holder.kill('SIGKILL'); // and with it the first process, and with that all others
      await ended;
      rmSync(layer, { recursive: true });
    },
  };
}

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}

function isAt(pid: number, program: string): boolean {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0] === program;
}
