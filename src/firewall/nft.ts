import { spawn } from 'node:child_process';
import { Readable } from 'node:stream';
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
  const source = Readable.from(input);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
    source.once('error', (cause) => {
      child.kill('SIGKILL'); // before it has all, and so before it does anything
      reject(cause);
    });
  });
  const overdue = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    out += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    err += chunk;
  });
  // An nft that ends before it has read all says why itself.
  child.stdin.on('error', () => {});
  source.pipe(child.stdin);
  try {
    const code = await ended;
    if (code === null) throw fault('firewall-nft', 'it gave no answer and was ended');
    return { code, out, err };
  } catch (cause) {
    const { code, syscall } = cause as NodeJS.ErrnoException;
    if (!syscall?.startsWith('spawn')) throw cause;
    // Pipes to a program that never was would keep ours from ending.
    for (const pipe of child.stdio) pipe?.destroy();
    throw fault('firewall-nft-missing', program, code ?? 'error');
  } finally {
    clearTimeout(overdue);
  }
}
