import { execFile } from 'node:child_process';
import { fault } from '../errors.ts';

const TIMEOUT = 60_000;

/**
 * Runs a program of the system to its end, without a shell.
 * @returns what it prints
 * @throws Fault setup-program where it can't be run, fails, or takes longer than a minute
 */
export function runProgram(program: string, ...words: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { timeout: TIMEOUT, killSignal: 'SIGKILL' } as const;
    execFile(program, words, options, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      const last = (stderr || stdout).trim().split('\n').at(-1);
      const why = error.killed ? 'no end within a minute' : last || String(error.code);
      reject(fault('setup-program', [program, ...words].join(' '), why));
    });
  });
}
