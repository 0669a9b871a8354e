import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Built } from './build.ts';
import type { Ran } from './cli.ts';
import { outcome } from './program.ts';

/** A line of the server's log. */
export interface ServerLine {
  readonly level: string;
  readonly msg: string;
  // biome-ignore lint/suspicious/noExplicitAny: each test knows the shape it expects
  readonly [field: string]: any;
}

/** How a process ended: one of the two is null. */
export interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** `ipcountry serve` as a process of its own. */
export interface Serving {
  readonly child: ChildProcess;
  /** What it has logged so far. */
  readonly lines: readonly ServerLine[];
  /** Standard error so far. */
  errors(): string;
  /** The `n`-th line (from 1) with this message, as soon as it is there. @throws if the end is */
  logged(msg: string, n?: number): Promise<ServerLine>;
  readonly ended: Promise<End>;
  /** Sends the signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<End>;
}

type Environment = Readonly<Record<string, string>>;

/** Starts the program in `folder`; nothing of the tester's own configuration comes in. */
function start(built: Built, folder: string, argv: readonly string[], env: Environment) {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(IPCOUNTRY_|SSH_|NODE_OPTIONS|VITEST|FORCE_COLOR|NO_COLOR)/.test(name),
  );
  return spawn(process.execPath, [join(built.folder, 'dist/main.js'), ...argv], {
    cwd: folder,
    env: { ...Object.fromEntries(own), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Runs a command line in `folder`, in a process of its own; one that `kill` ends has code -1. */
export function runIn(
  folder: string,
  built: Built,
  argv: readonly string[],
  env: Environment = {},
  kill?: AbortSignal,
): Promise<Ran> {
  const child = start(built, folder, argv, env);
  const end = () => child.kill('SIGKILL');
  kill?.addEventListener('abort', end);
  return outcome(child).finally(() => kill?.removeEventListener('abort', end));
}

/** Starts a server in `folder`; `logged('ready')` tells when calls may come. */
export function serveIn(
  folder: string,
  built: Built,
  argv: readonly string[],
  env: Environment = {},
): Serving {
  const child = start(built, folder, argv, env);
  const lines: ServerLine[] = [];
  let rest = '';
  let errors = '';
  let over = false;
  const waiting = new Set<() => void>();
  const look = () => {
    for (const check of [...waiting]) check();
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const whole = (rest + text).split('\n');
    rest = whole.pop()!;
    lines.push(...whole.map((line) => JSON.parse(line) as ServerLine));
    look();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const ended = once(child, 'close').then(([code, signal]) => {
    over = true;
    look();
    return { code, signal } as End;
  });
  const log = () => lines.map((line) => JSON.stringify(line)).join('\n');
  return {
    child,
    lines,
    errors: () => errors,
    logged: (msg, n = 1) =>
      new Promise((resolve, reject) => {
        const check = () => {
          const found = lines.filter((line) => line.msg === msg)[n - 1];
          if (found) resolve(found);
          else if (over) reject(new Error(`ended without '${msg}': ${errors}${log()}`));
          else return;
          waiting.delete(check);
        };
        waiting.add(check);
        check();
      }),
    ended,
    end(signal) {
      child.kill(signal);
      return ended;
    },
  };
}
