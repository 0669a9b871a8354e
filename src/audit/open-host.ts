import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { FileFacts, Host, ListeningSocket } from './pbx.ts';
import { readSockets } from './sockets.ts';

/** The kernel's tables of sockets. */
const TABLES = [
  ['udp', 'udp'],
  ['udp', 'udp6'],
  ['tcp', 'tcp'],
  ['tcp', 'tcp6'],
] as const;

interface Process {
  /** At most 15 characters: the kernel keeps no more of it. */
  readonly name: string;
  readonly user: number;
}

const LONGEST_NAME = 15;

/**
 * This host, as its /proc and its files tell of it.
 * @param root where its file system begins
 */
export function openHost(root = '/'): Host {
  let sockets: readonly ListeningSocket[] | undefined;
  let processes: readonly Process[] | undefined;
  const read = (path: string) => readText(join(root, path));
  const list = (folder: string) => namesIn(join(root, folder));
  const users = (program: string) => {
    processes ??= list('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((pid) => processOf(read(`/proc/${pid}/status`)) ?? []);
    const name = program.slice(0, LONGEST_NAME);
    return processes.filter((process) => process.name === name).map(({ user }) => user);
  };
  return {
    listening() {
      sockets ??= TABLES.flatMap(([protocol, table]) =>
        readSockets(read(`/proc/net/${table}`) ?? '', protocol),
      );
      return sockets;
    },
    read,
    list,
    facts: (path) => factsOf(join(root, path)),
    runs: (program) => users(program).length > 0,
    users,
  };
}

/**
 * /proc/PID/status. Its owner would be another user where a program has given up root's rights.
 * @returns undefined where the process has ended meanwhile
 */
function processOf(status: string | undefined): Process | undefined {
  const name = /^Name:\t(.*)$/m.exec(status ?? '')?.[1];
  const effective = /^Uid:\t\d+\t(\d+)/m.exec(status ?? '')?.[1];
  return name === undefined || effective === undefined
    ? undefined
    : { name, user: Number(effective) };
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

function factsOf(path: string): FileFacts | undefined {
  try {
    const { mode, mtimeMs } = statSync(path);
    return { mode: mode & 0o7777, modifiedAt: mtimeMs };
  } catch {
    return undefined;
  }
}
