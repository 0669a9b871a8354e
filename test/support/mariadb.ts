import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Connection, createConnection } from 'mysql2/promise';
import { freePort } from './agi-server.ts';
import { until } from './asterisk-until.ts';

/** A MariaDB of the test's own, on loopback and a socket. */
export interface MariaDb {
  readonly port: number;
  readonly socket: string;
  /** Runs statements as root. */
  run(...statements: readonly string[]): Promise<void>;
  /** The first row that a question gives, as root. */
  row(question: string): Promise<Record<string, unknown>>;
  stop(): Promise<void>;
}

export async function startMariaDb(): Promise<MariaDb> {
  const folder = mkdtempSync(join(tmpdir(), 'ipcountry-mariadb-'));
  const socket = join(folder, 'socket');
  const port = await freePort('127.0.0.1');
  const common = ['--no-defaults', '--user=root', `--datadir=${join(folder, 'data')}`];
  execFileSync(
    'mariadb-install-db',
    [...common, '--auth-root-authentication-method=normal', '--skip-test-db'],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const server = spawn(
    'setpriv', // ends it with the test process
    [
      ...['--pdeathsig', 'KILL', 'mariadbd', ...common, `--socket=${socket}`, `--port=${port}`],
      ...['--bind-address=127.0.0.1', `--log-error=${join(folder, 'log')}`],
      ...[`--pid-file=${join(folder, 'pid')}`, '--innodb-buffer-pool-size=16M'],
      ...['--innodb-log-file-size=4M', '--performance-schema=OFF', '--skip-log-bin'],
    ],
    { stdio: 'ignore' },
  );
  const root = await until('MariaDB to be ready', async () => {
    if (server.exitCode !== null) {
      throw new Error(`mariadbd ended:\n${readFileSync(join(folder, 'log'), 'utf8')}`);
    }
    return await connectRoot(socket);
  });
  return {
    port,
    socket,
    async run(...statements) {
      for (const statement of statements) await root.query(statement);
    },
    async row(question) {
      const [rows] = await root.query(question);
      return (rows as Record<string, unknown>[])[0]!;
    },
    async stop() {
      await root.end();
      await end(server);
      rmSync(folder, { recursive: true });
    },
  };
}

const connectRoot = (socketPath: string): Promise<Connection | undefined> =>
  createConnection({ socketPath, user: 'root' }).catch(() => undefined);

async function end(server: ChildProcess): Promise<void> {
  const closed = once(server, 'close');
  server.kill('SIGTERM');
  await closed;
}
