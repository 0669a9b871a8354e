import { type ChildProcess, spawn } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import { until } from './asterisk-until.ts';

export const ENTER = '\r';
export const DOWN = '\u001b[B';
export const CTRL_C = '\u0003';

/** A program on a terminal, and somebody at the keyboard. */
export interface Terminal {
  /** Waits until the screen shows the text, behind what was waited for before, then types. */
  answer(shown: string | RegExp, ...keys: readonly string[]): Promise<void>;
  /** All that was shown, without colours and cursor movements. */
  text(): string;
  /** Waits for the program's end. */
  end(): Promise<number>;
}

/** script(1), of util-linux, gives the program a terminal of 80 columns. */
export function onTerminal(argv: readonly string[], env: NodeJS.ProcessEnv): Terminal {
  const words = argv.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  const command = `stty cols 80 rows 40; exec ${words}`;
  const child: ChildProcess = spawn('script', ['-qec', command, '/dev/null'], {
    env: { TERM: 'xterm', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let shown = '';
  let seen = 0;
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    shown += stripVTControlCharacters(text);
  });
  const ended = new Promise<number>((done) => child.on('close', (code) => done(code ?? -1)));
  return {
    text: () => shown,
    end: () => ended,
    async answer(wanted, ...keys) {
      await until(`${wanted} on the screen:\n${shown.slice(seen)}`, () => {
        const rest = shown.slice(seen);
        const at = typeof wanted === 'string' ? rest.indexOf(wanted) : rest.search(wanted);
        if (at < 0) return false;
        seen += at + 1;
        return true;
      });
      if (keys.length > 0) seen = shown.length;
      for (const key of keys) child.stdin!.write(key);
    },
  };
}
