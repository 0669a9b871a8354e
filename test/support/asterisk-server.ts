import { type ChildProcess, execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { inject } from 'vitest';
import { until } from './asterisk-until.ts';
import { countryFile } from './mmdb.ts';
import type { World } from './netns-world.ts';
import { hasMaxmindData, maxmindFile } from './shared-data.ts';

/** `ipcountry serve` in the PBX's namespace, and the command line beside it. */
export interface IpcountryServer {
  /** The running program, to be sent signals. */
  readonly process: ChildProcess;
  /** How the command line is called, without a verb: for programs in the PBX's namespace. */
  readonly command: readonly string[];
  /** Runs `ipcountry` with its database; what it prints. @throws Error when it exits with 2 */
  cli(...argv: readonly string[]): Promise<string>;
  /** The journal, oldest first. */
  calls(): JournalRow[];
  /** Sources that are blocked now, the newest first. */
  blocks(): string[];
  /** Locks the database as another program can. @returns lets go of it */
  lock(): () => void;
  /** How many mails have been handed to sendmail. */
  mails(): number;
  log(): string;
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again, with the same database. */
  start(): Promise<void>;
}

export type JournalRow = Readonly<Record<string, unknown>>;

/** @param folder the server's own, for its database and the rest */
export async function startServer(world: World, folder: string): Promise<IpcountryServer> {
  const program = join(inject('programFolder'), 'dist/main.js');
  const file = (name: string) => join(folder, name);
  writeFileSync(file('mails'), '');
  writeFileSync(file('sendmail'), `#!/bin/sh\ncat >/dev/null; echo mail >>'${file('mails')}'\n`, {
    mode: 0o755,
  });
  writeFileSync(file('ipcountry.toml'), configuration(file));

  let serving: ChildProcess;
  const start = async () => {
    const { length } = readLog();
    serving = world.atPbx(
      ['sh', '-c', `exec "$@" >>'${file('log')}' 2>&1`, '-', ...command(), 'serve'],
      { stdio: 'ignore' },
    );
    await until('the server to be ready', () => {
      const log = readLog().slice(length);
      if (serving.exitCode !== null) throw new Error(`ipcountry serve ended:\n${log}`);
      return log.includes('"ready"');
    });
  };
  const command = () => [process.execPath, program, '--config', file('ipcountry.toml')];
  const readLog = () => readFileSync(file('log'), 'utf8');
  const query = <Row>(sql: string): Row[] => {
    const database = new Database(file('ipcountry.db'), { readonly: true });
    try {
      return database.prepare(sql).all() as Row[];
    } finally {
      database.close();
    }
  };
  const cli = (...argv: readonly string[]) => run([...command(), ...argv]);

  writeFileSync(file('log'), '');
  await start();
  return {
    get process() {
      return serving;
    },
    command: command(),
    cli,
    calls: () => query<JournalRow>('SELECT * FROM call ORDER BY id'),
    blocks: () =>
      query<{ counted: string }>('SELECT counted FROM block ORDER BY created_at DESC').map(
        ({ counted }) => counted,
      ),
    lock() {
      const database = new Database(file('ipcountry.db'));
      database.exec('BEGIN IMMEDIATE');
      return () => database.close();
    },
    mails: () => readFileSync(file('mails'), 'utf8').split('\n').filter(Boolean).length,
    log: readLog,
    async stop(signal = 'SIGTERM') {
      if (serving.exitCode !== null || serving.signalCode !== null) return;
      const closed = once(serving, 'close');
      serving.kill(signal);
      await closed;
    },
    start,
  };
}

function configuration(file: (name: string) => string): string {
  return `[database]
path = "${file('ipcountry.db')}"
# Many PBXs share the machine's cores here, and one caller places all calls of a file: late answers
# and call rates are not what is tested.
[agi]
deadline = 2_000
[screening]
rate_calls = 1_000
[country]
path = "${countryDatabase(file('country.mmdb'))}"
[mail]
to = ["admin@example.com"]
from = "pbx@example.com"
transport = "sendmail"
sendmail = "${file('sendmail')}"
[log]
level = "debug"
`;
}

/** MaxMind's test database where it is there; else one of our own that says the same of our callers. */
function countryDatabase(path: string): string {
  if (hasMaxmindData) return maxmindFile('GeoLite2-Country-Test.mmdb').pathname;
  const countries = {
    '81.2.69.142/31': 'GB',
    '81.2.69.160/27': 'GB',
    '89.160.20.112/28': 'SE',
    '2001:218::/32': 'JP',
    '2001:220::/32': 'KR',
  };
  writeFileSync(path, countryFile(countries));
  return path;
}

function run(argv: readonly string[]): Promise<string> {
  const [program, ...rest] = argv;
  const env = Object.fromEntries(
    // Neither the developer's configuration nor their SSH session is part of a test.
    Object.entries(process.env).filter(([name]) => !/^(IPCOUNTRY|SSH)_/.test(name)),
  );
  return new Promise((resolve, reject) => {
    execFile(program!, rest, { env, maxBuffer: 1 << 24 }, (error, stdout, stderr) => {
      if (error && error.code !== 1) reject(new Error(`${rest.slice(3).join(' ')}: ${stderr}`));
      else resolve(stdout);
    });
  });
}
