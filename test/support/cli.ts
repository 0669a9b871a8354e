import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../src/cli/program.ts';

/** What a command line did. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** Standard output, as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: each test knows the shape it expects
  readonly json: any;
}

/** A PBX administrator's shell, with a database of its own. */
export interface Shell {
  readonly folder: string;
  readonly env: Record<string, string>;
  /** Runs a command line in this process. */
  (...argv: readonly string[]): Promise<Ran>;
  remove(): void;
}

/** Nothing of the machine's own configuration, SSH session or colours comes in. */
const CLEAN = ['IPCOUNTRY_CONFIG', 'SSH_CONNECTION', 'NO_COLOR', 'FORCE_COLOR', 'SUDO_USER'];

/** @param env more variables */
export function openShell(env: Record<string, string> = {}): Shell {
  const folder = mkdtempSync(join(tmpdir(), 'ipcountry-cli-'));
  const all = {
    IPCOUNTRY_DATABASE_PATH: join(folder, 'ipcountry.db'),
    // Nobody answers there: no test asks the machine's own DNS server.
    IPCOUNTRY_NAMES_SERVERS: '127.0.0.1:9',
    IPCOUNTRY_LOG_LEVEL: 'silent',
    ...env,
  };
  const shell = (...argv: readonly string[]) => inProcess(argv, all);
  return Object.assign(shell, {
    folder,
    env: all,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  });
}

async function inProcess(argv: readonly string[], env: Record<string, string>): Promise<Ran> {
  const before = { ...process.env };
  for (const name of CLEAN) delete process.env[name];
  Object.assign(process.env, env);
  const out = capture(process.stdout);
  const err = capture(process.stderr);
  try {
    const code = await run(['node', 'ipcountry', ...argv]);
    return ran(code, out.text(), err.text());
  } finally {
    out.end();
    err.end();
    process.exitCode = undefined;
    process.env = before;
  }
}

export function ran(code: number, out: string, err: string): Ran {
  return {
    code,
    out,
    err,
    get json() {
      return JSON.parse(out);
    },
  };
}

function capture(stream: NodeJS.WriteStream) {
  const { write } = stream;
  let text = '';
  stream.write = ((chunk: string | Uint8Array) => {
    text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
    return true;
  }) as typeof write;
  return {
    text: () => text,
    end: () => {
      stream.write = write;
    },
  };
}
