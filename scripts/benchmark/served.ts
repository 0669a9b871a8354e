import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { connectPeer, OK } from '../../test/support/agi-peer.ts';
import { freePort } from '../../test/support/agi-server.ts';
import { until } from '../../test/support/asterisk-until.ts';
import { environment } from './conversation.mjs';
import { PROGRAM } from './place.ts';

const HOST = '127.0.0.1';
const LOAD = fileURLToPath(new URL('load.mjs', import.meta.url));

/** What load.mjs says of a slice. */
export interface Slice {
  readonly calls: number;
  readonly failed: number;
  /** Calls a second. */
  readonly rate: number;
}

export interface Served {
  readonly port: number;
  readonly pid: number;
  /** What the process writes to its descriptor 3. */
  readonly told: Readable;
  /** Places the call of this number, and gives the command that answers it. */
  ask(number: number): Promise<string>;
  /** So many calls at a time, for so many seconds, from a process of its own. */
  load(concurrency: number, seconds: number): Promise<Slice>;
  stop(): Promise<void>;
}

/**
 * Starts `ipcountry serve` by what the program's first line says.
 * @param more what node is told beside it
 */
export async function startServed(
  env: Record<string, string>,
  more: readonly string[] = [],
): Promise<Served> {
  const [, first] = /^#!\/usr\/bin\/env -S (.+)\n/.exec(readFileSync(PROGRAM, 'utf8'))!;
  const words = first!.split(' ').flatMap((word) => (word === 'node' ? [word, ...more] : [word]));
  const port = await freePort(HOST);
  return started(['env', ...words, PROGRAM, 'serve'], port, {
    ...env,
    IPCOUNTRY_AGI_PORT: String(port),
  });
}

/** Starts one of the references, by its file beside this one. */
export async function startReference(file: string): Promise<Served> {
  const port = await freePort(HOST);
  const program = fileURLToPath(new URL(file, import.meta.url));
  return started([process.execPath, program, String(port)], port, {});
}

async function started(
  command: readonly string[],
  port: number,
  env: Record<string, string>,
): Promise<Served> {
  // setpriv ends it with the measurement.
  const server = spawn('setpriv', ['--pdeathsig', 'KILL', ...command], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  });

  const ask = async (number: number): Promise<string> => {
    const peer = await connectPeer({ address: HOST, port });
    await peer.send(environment(number));
    const command = await peer.command();
    await peer.send(OK);
    await peer.closed;
    return command;
  };
  await until('the server to answer', async () => {
    if (server.exitCode !== null) throw new Error('the server has ended');
    return await ask(0).catch(() => undefined);
  });
  return {
    port,
    pid: server.pid!,
    told: server.stdio[3] as Readable,
    ask,
    async load(concurrency, seconds) {
      const args = [LOAD, port, concurrency, seconds].map(String);
      const { stdout } = await promisify(execFile)(process.execPath, args);
      return JSON.parse(stdout) as Slice;
    },
    async stop() {
      const closed = once(server, 'close');
      server.kill('SIGTERM');
      await closed;
    },
  };
}
