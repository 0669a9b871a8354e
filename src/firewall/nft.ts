import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { fault } from '../errors.ts';

/** Runs the nft program. */
export interface Nft {
  /** Executes the text, all of it or nothing. @throws Fault */
  load(text: Iterable<string>): Promise<void>;
  /** Says whether the text would be taken. @throws Fault where not */
  check(text: Iterable<string>): Promise<void>;
  /**
   * Lists something as JSON.
   * @returns undefined where there is no such thing
   * @throws Fault
   */
  list(words: readonly string[]): Promise<string | undefined>;
}

/** Milliseconds: 100 000 networks take one second, and nothing that hangs may hold us for ever. */
const PATIENCE = 60_000;

/** cron's PATH has none of these. */
const MORE_PATH = '/usr/sbin:/sbin:/usr/local/sbin';

/** What nft says where a table, chain or set isn't there. */
const ABSENT = /No such file or directory/;

/** @param program name or path of nft, as configured */
export function nftProgram(program: string): Nft {
  async function execute(args: readonly string[], text: Iterable<string>): Promise<void> {
    const { code, err } = await run(program, args, text);
    if (code !== 0) throw ABSENT.test(err) ? fault('firewall-absent') : failure(err);
  }
  return {
    load: (text) => execute(['-f', '-'], text),
    check: (text) => execute(['-c', '-f', '-'], text),
    async list(words) {
      const { code, out, err } = await run(program, ['-j', ...words], []);
      if (code === 0) return out;
      if (ABSENT.test(err)) return undefined;
      throw failure(err);
    },
  };
}

function failure(err: string) {
  if (/Operation not permitted|you must be root/.test(err)) return fault('firewall-privilege');
  return fault('firewall-nft', err.trim().split('\n')[0] || 'no reason given');
}

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

async function run(
  program: string,
  args: readonly string[],
  input: Iterable<string>,
): Promise<Ran> {
  const path = `${process.env['PATH'] ?? '/usr/bin:/bin'}:${MORE_PATH}`;
  const child = spawn(program, args, { env: { PATH: path, LC_ALL: 'C' } });
  try {
    await once(child, 'spawn');
  } catch (cause) {
    // Pipes to a program that never was would keep ours from ending.
    for (const pipe of child.stdio) pipe?.destroy();
    throw fault('firewall-nft-missing', program, (cause as NodeJS.ErrnoException).code ?? 'error');
  }
  // Not spawn()'s own timeout: of a program that can't be started it would keep ours from ending.
  const patience = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
  const [[code], out, err] = await Promise.all([
    once(child, 'close') as Promise<[number | null]>,
    text(child.stdout),
    text(child.stderr),
    // An nft that ends before it has read all says why itself.
    pipeline(Readable.from(input), child.stdin).catch((cause: NodeJS.ErrnoException) => {
      if (!/^(EPIPE|ECONNRESET|ERR_STREAM_PREMATURE_CLOSE)$/.test(cause.code ?? '')) throw cause;
    }),
  ]).finally(() => clearTimeout(patience));
  if (code === null) throw fault('firewall-nft', 'it gave no answer and was ended');
  return { code, out, err };
}
