import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { build } from './build.ts';
import { type Ran, ran, type Shell } from './cli.ts';

/** The program as it is installed, run as a process of its own. */
export interface Program {
  readonly main: string;
  run(shell: Shell, argv: readonly string[], stdin?: string): Promise<Ran>;
  start(shell: Shell, ...argv: readonly string[]): ChildProcess;
  remove(): void;
}

export async function buildProgram(): Promise<Program> {
  const { folder, remove } = await build();
  const main = join(folder, 'dist/main.js');
  const start = (shell: Shell, ...argv: readonly string[]) =>
    spawn(process.execPath, [main, ...argv], { env: { PATH: process.env['PATH'], ...shell.env } });
  return {
    main,
    start,
    run: (shell, argv, stdin = '') => {
      const child = start(shell, ...argv);
      child.stdin?.end(stdin);
      return outcome(child);
    },
    remove,
  };
}

/** Waits for its end. A process that was killed by a signal has code -1. */
export async function outcome(child: ChildProcess): Promise<Ran> {
  let out = '';
  let err = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const code = await new Promise<number | null>((done) => child.on('close', done));
  return ran(code ?? -1, out, err);
}
