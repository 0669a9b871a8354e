import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { freePort } from '../../test/support/agi-server.ts';
import { ask } from '../../test/support/place.ts';
import { memoryOf, say } from './figures.ts';
import { PROGRAM } from './place.ts';

const HOST = '127.0.0.1';

/** A folder with a database of its own, and what the program is told of it. */
export interface Own {
  readonly folder: string;
  readonly path: string;
  readonly at: { readonly address: string; readonly port: number };
  readonly env: Record<string, string | undefined>;
  close(): void;
}

export async function openOwn(): Promise<Own> {
  const folder = mkdtempSync(join(tmpdir(), 'ipcountry-bench-'));
  const path = join(folder, 'ipcountry.db');
  const at = { address: HOST, port: await freePort(HOST) };
  const env = {
    ...process.env,
    IPCOUNTRY_CONFIG: '/dev/null', // not the machine's own
    IPCOUNTRY_DATABASE_PATH: path,
    IPCOUNTRY_AGI_PORT: `${at.port}`,
    IPCOUNTRY_JOURNAL_ROWS: '0',
    IPCOUNTRY_SCREENING_RATE_CALLS: '0',
    IPCOUNTRY_NAMES_SERVERS: HOST, // nobody answers there, and the kernel says so at once
    IPCOUNTRY_LOG_LEVEL: 'warn',
  };
  return { folder, path, at, env, close: () => rmSync(folder, { recursive: true }) };
}

/** What a process used up. */
export interface Used {
  readonly milliseconds: number;
  /** Milliseconds of processor time, user and system, over all threads. */
  readonly processor: number;
  /** MB: the most that was resident. */
  readonly peak: number;
}

/** Tells at its end what it used: a process that has ended can't be asked any more. */
const TELL = `data:text/javascript,import { writeSync } from 'node:fs';
process.on('exit', () => writeSync(3, JSON.stringify(process.resourceUsage())));`;

/** Runs a verb as it is installed. @throws where it fails */
export async function runVerb({ env }: Own, ...argv: readonly string[]): Promise<Used> {
  const began = performance.now();
  const child = spawn(PROGRAM, argv, {
    env: { ...env, NODE_OPTIONS: `--import ${encodeURI(TELL).replaceAll("'", '%27')}` },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  const told = text(child.stdio[3] as NodeJS.ReadableStream);
  const errors = text(child.stderr!);
  const [status] = await once(child, 'close');
  const milliseconds = performance.now() - began;
  // 1: a verb that found something, as `status` does.
  if (status !== 0 && status !== 1) throw new Error(`${argv.join(' ')}: ${await errors}`);
  const { userCPUTime, systemCPUTime, maxRSS } = JSON.parse(await told) as NodeJS.ResourceUsage;
  return { milliseconds, processor: (userCPUTime + systemCPUTime) / 1_000, peak: maxRSS / 1_024 };
}

/** A server that has answered its first call. */
export interface Started {
  readonly child: ChildProcess;
  /** From its start to the first call answered. */
  readonly milliseconds: number;
  /** MB that are resident then. */
  readonly memory: number;
  stop(): Promise<void>;
}

export async function startServer({ env, at }: Own): Promise<Started> {
  const began = performance.now();
  const child = spawn(PROGRAM, ['serve'], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  for (;;) {
    const answered = await ask(at, HOST).catch(() => undefined);
    if (answered) break;
    if (child.exitCode !== null) throw new Error('the server ended');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const milliseconds = performance.now() - began;
  return {
    child,
    milliseconds,
    memory: memoryOf(child.pid!, 'VmRSS')!,
    async stop() {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

export function sayUsed(what: string, { milliseconds, processor, peak }: Used): void {
  say(
    `${what.padEnd(44)}${pad(milliseconds)} ms${pad(processor)} ms of processor time${pad(peak)} MB`,
  );
}

/** Times work in this process. */
export async function sayTime(what: string, work: () => unknown): Promise<void> {
  const began = performance.now();
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  const processor = (user + system) / 1_000;
  say(
    `${what.padEnd(44)}${pad(performance.now() - began)} ms${pad(processor)} ms of processor time`,
  );
}

function pad(value: number): string {
  return value.toFixed(value < 10 ? 1 : 0).padStart(9);
}
