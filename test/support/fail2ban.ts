import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, cpSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Block } from '../../src/blocks/index.ts';
import { logBlock } from '../../src/guard/shut-out.ts';
import { createLog } from '../../src/log.ts';
import { until } from './asterisk-until.ts';

const OURS = fileURLToPath(new URL('../../fail2ban/', import.meta.url));
const run = promisify(execFile);

/** A block as `ipcountry guard blocks --json` prints it. */
export interface Shown extends Omit<Block, 'createdAt' | 'expiresAt'> {
  readonly since: string;
  readonly until: string | null;
}

/** A fail2ban of the test's own, with our files, that acts through a real `ipcountry`. */
export interface Fail2ban {
  /** Has a jail see its evil one in a log. */
  seen(jail: 'door' | 'forever' | 'month', address: string): void;
  /** Has the guard log a block. */
  guardBlocked(source: string, origin: string): void;
  client(...argv: readonly string[]): Promise<string>;
  ipcountry(...argv: readonly string[]): Promise<string>;
  blocks(): Promise<Shown[]>;
  stop(): Promise<void>;
}

/** @param folder to be made @param main the built program */
export async function startFail2ban(folder: string, main: string): Promise<Fail2ban> {
  const config = writeConfig(folder, main);
  const logs = { door: '', forever: '', month: '', guard: '' };
  const log = (name: keyof typeof logs) => join(folder, `${name}.log`);
  for (const name of Object.keys(logs)) writeFileSync(log(name as keyof typeof logs), '');
  const paths = ['-c', config, '-s', join(folder, 'socket'), '-p', join(folder, 'pid')];
  const client = async (...argv: readonly string[]) =>
    (await run('fail2ban-client', [...paths, ...argv])).stdout;
  const ipcountry = async (...argv: readonly string[]) =>
    (await run(process.execPath, [main, '--config', join(folder, 'ipcountry.toml'), ...argv]))
      .stdout;
  // The files are sound, before anything runs.
  await client('-d');
  const server: ChildProcess = spawn('fail2ban-server', [...paths, '-f', 'start'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const closed = once(server, 'close');
  await until('fail2ban to be ready', async () => {
    if (server.exitCode !== null) throw new Error('fail2ban ended');
    return client('status').then(
      (status) => status.includes('ipcountry'),
      () => false,
    );
  });
  const guard = createLog('warn', openSync(log('guard'), 'a'));
  return {
    seen: (jail, address) =>
      appendFileSync(log(jail), `${new Date().toISOString()} evil ${address}\n`),
    guardBlocked: (source, origin) =>
      logBlock(guard, {
        source,
        counted: source,
        reason: 'strikes',
        origin,
        endpoint: '',
        evidence: '',
        country: '',
        createdAt: 0,
        expiresAt: undefined,
      } as Block),
    client,
    ipcountry,
    blocks: async () => JSON.parse(await ipcountry('guard', 'blocks', '--json')) as Shown[],
    async stop() {
      server.kill('SIGTERM');
      await closed;
    },
  };
}

function writeConfig(folder: string, main: string): string {
  const config = join(folder, 'etc');
  const write = (name: string, text: string) => writeFileSync(join(config, name), text);
  mkdirSync(folder);
  cpSync(OURS, config, { recursive: true });
  writeFileSync(
    join(folder, 'ipcountry.toml'),
    `[database]\npath = "${join(folder, 'ipcountry.db')}"\n`,
  );
  const program = `${process.execPath} ${main} --config ${join(folder, 'ipcountry.toml')}`;
  write(
    'fail2ban.conf',
    `[Definition]\nloglevel = INFO\nlogtarget = ${join(folder, 'fail2ban.log')}\nsyslogsocket = auto\nallowipv6 = auto\ndbpurgeage = 1d\nsocket = ${join(folder, 'socket')}\npidfile = ${join(folder, 'pid')}\ndbfile = ${join(folder, 'fail2ban.db')}\n`,
  );
  write('filter.d/evil.conf', '[Definition]\nfailregex = ^\\s*evil <ADDR>$\n');
  write('action.d/nothing.conf', '[Definition]\nactionban = true\nactionunban = true\n');
  const jail = (name: string, bantime: string) => `
[${name}]
enabled = true
filter = evil
logpath = ${join(folder, `${name}.log`)}
maxretry = 1
bantime = ${bantime}
action = ipcountry[program="${program}"]
`;
  // What Debian's jail.conf defines, as far as ours uses it.
  write(
    'jail.conf',
    `[DEFAULT]
backend = polling
usedns = no
banaction_allports = nothing
action_ = %(banaction)s
action = %(action_)s
${jail('door', '10m')}${jail('forever', '-1')}${jail('month', '30d')}`,
  );
  write(
    'jail.d/ipcountry.local',
    `[ipcountry]\nenabled = true\nbackend = polling\nlogpath = ${join(folder, 'guard.log')}\n`,
  );
  return config;
}
