import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { until } from './asterisk-until.ts';
import type { World } from './netns-world.ts';

/** What a guard works at: a PBX, or whatever takes its part. */
export interface Guarded {
  readonly world: Pick<World, 'atPbx'>;
  readonly asterisk: { readonly secret: string };
  readonly server: { readonly command: readonly string[] };
}

/** A line of the guard's log. */
export interface GuardLine {
  readonly time: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** `ipcountry guard run` in the PBX's namespace, as root of it: nftables there is its own. */
export interface RunningGuard {
  readonly process: ChildProcess;
  readonly lines: readonly GuardLine[];
  /** Waits for a line from number `since` on. */
  logged(msg: string, since?: number, what?: (line: GuardLine) => boolean): Promise<GuardLine>;
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Variables with which the command line reaches the manager interface of this PBX. */
export function amiEnvironment({ asterisk }: Guarded): NodeJS.ProcessEnv {
  const env = {
    ...process.env,
    IPCOUNTRY_AMI_USER: 'guard',
    IPCOUNTRY_AMI_SECRET: asterisk.secret,
    IPCOUNTRY_NAMES_SERVERS: '127.0.0.1', // nobody answers there, and the kernel says so at once
  };
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^SSH_/.test(name)));
}

/** Runs a verb in the PBX's namespace. */
export async function runAtPbx(
  pbx: Guarded,
  argv: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  const child = pbx.world.atPbx([...pbx.server.command, ...argv], {
    env: { ...amiEnvironment(pbx), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const [code] = await once(child, 'close');
  return { code: code as number, out, err };
}

/** Starts it, and waits until it watches (or, with `until`, until it has logged that). */
export async function startGuard(
  pbx: Guarded,
  options: {
    readonly env?: NodeJS.ProcessEnv;
    readonly argv?: readonly string[];
    readonly until?: string;
    /** Words that make another user of us; that one can't read the server's configuration. */
    readonly as?: readonly string[];
  } = {},
): Promise<RunningGuard> {
  const argv = options.argv ?? ['guard', 'run'];
  const { as } = options;
  const command = as ? [...as, ...pbx.server.command.slice(0, 2)] : pbx.server.command;
  const child = pbx.world.atPbx([...command, ...argv], {
    env: { ...amiEnvironment(pbx), ...options.env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: GuardLine[] = [];
  let rest = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    const whole = (rest + text).split('\n');
    rest = whole.pop()!;
    lines.push(...whole.map((line) => JSON.parse(line) as GuardLine));
  });
  const closed = once(child, 'close');
  const logged: RunningGuard['logged'] = (msg, since = 0, what = () => true) =>
    until(`the guard to log '${msg}'`, () => {
      const found = lines.slice(since).find((line) => line.msg === msg && what(line));
      if (!found && child.exitCode !== null) throw new Error(JSON.stringify(lines));
      return found;
    }).catch((cause: Error) => {
      throw new Error(`${cause.message}; it logged ${JSON.stringify(lines.slice(-20))}`, { cause });
    });
  await logged(options.until ?? 'guard: watching');
  return {
    process: child,
    lines,
    logged,
    async stop(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await closed;
      return child.exitCode;
    },
  };
}
