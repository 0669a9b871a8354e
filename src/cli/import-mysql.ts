import { existsSync, readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { Fault, fault } from '../errors.ts';
import { readTables, type Tables } from '../forerunner/index.ts';
import type { MariaDbSettings, Naming } from '../mariadb/index.ts';
import { isPort } from '../sip/index.ts';

/** How the tables of IP Country are reached, as commander gives it. */
export interface MysqlOptions {
  readonly ipcountryMysql?: boolean;
  readonly mysqlHost?: string;
  readonly mysqlPort?: string;
  readonly mysqlSocket?: string;
  readonly mysqlUser?: string;
  readonly mysqlPasswordFile?: string;
  readonly mysqlDatabase?: string;
}

/** Where Debian and Red Hat (with the FreePBX distribution) have MariaDB's socket. */
const SOCKETS = ['/run/mysqld/mysqld.sock', '/var/lib/mysql/mysql.sock'];

const PASSWORD = 'IPCOUNTRY_MYSQL_PASSWORD';

export function addMysqlOptions(verb: Command): void {
  verb
    .option('--ipcountry-mysql', "instead of a file: IP Country's tables permit, deny and geolite")
    .option('--mysql-database <name>', 'where they are (default: the database that has them)')
    .option('--mysql-host <host>', "MariaDB's host (default: its socket on this one)")
    .option('--mysql-port <port>', 'its port (default: 3306)')
    .option('--mysql-socket <file>', 'its socket')
    .option('--mysql-user <name>', 'an account that may read them (default: root)')
    .option('--mysql-password-file <file>', `its password; or in ${PASSWORD}; else asked for`);
}

/** Whether an option was given that goes with --ipcountry-mysql alone. */
export function namesMysql(options: MysqlOptions): boolean {
  return Object.keys(options).some((key) => key.startsWith('mysql'));
}

/** @throws Fault where the tables can't be read */
export async function readMysql(options: MysqlOptions): Promise<Tables> {
  const settings = settingsOf(options);
  return readTables(settings, NAMING).catch((cause: unknown) => {
    const refused = cause instanceof Fault && cause.code === 'mariadb-refused';
    const ask = refused && settings.password === '' && process.stdin.isTTY;
    return ask ? readWithPassword(settings, cause) : Promise.reject(cause);
  });
}

const NAMING: Naming = {
  owner: 'IP Country',
  keyOf: (setting) => (setting === 'password' ? '--mysql-password-file' : `--mysql-${setting}`),
};

function settingsOf(options: MysqlOptions): MariaDbSettings {
  const { mysqlHost: host, mysqlPort: port, mysqlSocket, mysqlPasswordFile: file } = options;
  if (port !== undefined && !isPort(port)) throw fault('dialplan-port', port);
  const here = host === undefined && port === undefined;
  return {
    host: host ?? '127.0.0.1',
    port: Number(port ?? 3306),
    socket: mysqlSocket ?? (here ? SOCKETS.find((path) => existsSync(path)) : undefined),
    user: options.mysqlUser ?? 'root',
    password: file === undefined ? (process.env[PASSWORD] ?? '') : readPassword(file),
    database: options.mysqlDatabase ?? '',
  };
}

function readPassword(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw fault('file-read', file, (cause as NodeJS.ErrnoException).code ?? 'error');
  }
}

async function readWithPassword(settings: MariaDbSettings, refusal: Fault): Promise<Tables> {
  const { isCancel, password } = await import('@clack/prompts');
  const message = `Password of MariaDB's account '${settings.user}'`;
  const answer = await password({ message, output: process.stderr });
  if (isCancel(answer)) throw refusal;
  return readTables({ ...settings, password: answer }, NAMING);
}
