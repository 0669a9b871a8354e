import { execFile } from 'node:child_process';
import { fault } from '../errors.ts';

/** How Asterisk's console is reached where nothing else is said. */
export const ASTERISK = 'asterisk';

const TIMEOUT = 15_000;
/** A dialplan of thousands of lines has some megabytes. */
const LONGEST = 64 * 1024 * 1024;

/**
 * Gives the running Asterisk a console command.
 * @param program how to call it, in words: `asterisk`, `chroot /x asterisk -C /y`; no shell reads it
 * @returns what it prints
 * @throws Fault where Asterisk can't be asked
 */
export function askAsterisk(program: string, command: string): Promise<string> {
  const [file = ASTERISK, ...words] = program.split(/\s+/).filter(Boolean);
  return new Promise((resolve, reject) => {
    execFile(
      file,
      [...words, '-rx', command],
      { timeout: TIMEOUT, maxBuffer: LONGEST, killSignal: 'SIGKILL' },
      (error, stdout, stderr) => {
        if (!error) return resolve(stdout);
        if (error.killed) return reject(fault('asterisk-silent', TIMEOUT / 1_000));
        if (error.code === 'ENOENT' || error.code === 'EACCES') {
          return reject(fault('asterisk-program', file, error.code));
        }
        const words = (stderr || stdout).trim().split('\n').at(-1) ?? '';
        reject(fault('asterisk-refuses', words || `exit code ${error.code}`));
      },
    );
  });
}
