import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { aStranger } from '../support/calls.ts';
import { openShell, type Shell } from '../support/cli.ts';
import { buildProgram, outcome, type Program } from '../support/program.ts';
import { journal } from '../support/shell-journal.ts';

let program: Program;
let shell: Shell;
beforeAll(async () => {
  program = await buildProgram();
}, 60_000);
afterAll(() => program.remove());
beforeEach(() => {
  shell = openShell();
});
afterEach(() => shell.remove());

const strangers = (count: number, at = Date.now()) =>
  Array.from({ length: count }, (_, i) => aStranger(`192.0.2.${i % 250}`, { at: at + i }));

describe('the program as a process', () => {
  it('ends with 0, 1 and 2, and keeps the two streams apart', async () => {
    expect(await program.run(shell, ['check', '10.0.0.1'])).toMatchObject({ code: 0, err: '' });
    expect(await program.run(shell, ['check', '192.0.2.1'])).toMatchObject({ code: 1, err: '' });
    expect(await program.run(shell, ['permit', 'UK'])).toMatchObject({
      code: 2,
      out: '',
      err: "ipcountry: 'UK' is no country code; did you mean GB?\n",
    });
    expect(await program.run(shell, ['--help'])).toMatchObject({ code: 0, err: '' });
    expect(await program.run(shell, [])).toMatchObject({ code: 2, out: '' });
  });

  it('sends no colours into a pipe', async () => {
    journal(shell, strangers(3));
    for (const argv of [['calls'], ['check', '192.0.2.1'], ['status'], ['list'], ['mode']]) {
      const { out } = await program.run(shell, argv);
      expect(out, argv.join(' ')).not.toContain('\u001b');
      expect(out).not.toBe('');
    }
  });

  /** script(1), of util-linux, gives the program a terminal. */
  async function onTerminal(argv: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
    const command = `${process.execPath} ${program.main} ${argv}`;
    const options = { env: { PATH: process.env['PATH'], TERM: 'xterm', ...shell.env, ...env } };
    return (await promisify(execFile)('script', ['-qec', command, '/dev/null'], options)).stdout;
  }

  it('colours a terminal, but not where NO_COLOR is set', async () => {
    expect(await onTerminal('check 10.0.0.1')).toContain('\u001b[32mok');
    const plain = await onTerminal('check 10.0.0.1', { NO_COLOR: '1' });
    expect(plain).not.toContain('\u001b');
    expect(plain).toMatch(/10\.0\.0\.1 +ok/);
  });

  it('shows a terminal how far a long import is, and a pipe nothing of it', async () => {
    const lines = Array.from({ length: 30_000 }, (_, i) => `10.${i >> 8}.${i & 255}.1`).join('\n');
    const file = join(shell.folder, 'list.txt');
    writeFileSync(file, lines);
    const screen = await onTerminal(`import --list deny --dry-run ${file}`);
    expect(screen).toMatch(/\rimport \[#+\.+\] +\d+ %/);
    expect(screen.split('\r').at(-2)).toMatch(/deny then has 30000 ranges$/);
    const argv = ['import', '--list', 'deny', '--dry-run', file];
    expect(await program.run(shell, argv)).toMatchObject({ code: 0, err: '' });
  });

  it('asks on a terminal before it refuses strangers, and takes no other answer than yes', async () => {
    await shell('mode', 'monitor');
    const command = `${process.execPath} ${program.main} mode enforce`;
    const answered = async (answer: string) => {
      const env = { PATH: process.env['PATH'], TERM: 'dumb', NO_COLOR: '1', ...shell.env };
      const child = spawn('script', ['-qec', command, '/dev/null'], { env });
      child.stdin.write(`${answer}\n`);
      const { code, out } = await outcome(child);
      return [code, out.replaceAll('\r', ''), (await shell('mode', '--json')).json.mode];
    };
    expect(await answered('n')).toEqual([
      2,
      expect.stringContaining('this refuses strangers: nothing was changed'),
      'monitor',
    ]);
    expect(await answered('yes')).toEqual([
      0,
      expect.stringMatching(
        /this refuses strangers\. Go on\? \[y\/N\].*\nenforce: strangers are refused/s,
      ),
      'enforce',
    ]);
  });

  it('ends in silence where its reader has seen enough', async () => {
    journal(shell, strangers(5_000));
    const child = program.start(shell, 'calls', '--limit', '5000', '--json');
    await once(child.stdout!, 'data');
    child.stdout!.destroy();
    expect(await outcome(child)).toMatchObject({ code: 0, err: '' });
  });

  it('imports from standard input what export wrote to standard output', async () => {
    await program.run(shell, ['permit', 'US']);
    const { out } = await program.run(shell, ['export']);
    const other = openShell();
    expect(await program.run(other, ['import', '-', '--replace'], out)).toMatchObject({ code: 0 });
    expect((await program.run(other, ['export'])).out).toBe(out);
    const { code, err } = await program.run(other, ['import', '-', '--list', 'deny'], 'UK\n');
    expect(code).toBe(2);
    expect(err).toContain("standard input: line 1: 'UK' is no country code; did you mean GB?");
    other.remove();
  });
});

describe('calls --follow', () => {
  it('shows calls as they come, and ends with 0 on Ctrl-C', async () => {
    journal(shell, strangers(3, 1_700_000_000_000));
    const child = program.start(shell, 'calls', '--follow', '--limit', '2', '--json');
    const ended = outcome(child);
    const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
    const next = async () => JSON.parse((await lines.next()).value as string).source;
    expect([await next(), await next()]).toEqual(['192.0.2.1', '192.0.2.2']);
    journal(shell, [aStranger('198.51.100.1')]);
    expect(await next()).toBe('198.51.100.1');
    journal(shell, [aStranger('198.51.100.2'), aStranger('198.51.100.3')]);
    expect([await next(), await next()]).toEqual(['198.51.100.2', '198.51.100.3']);
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 0, err: '' });
  });

  it('shows people lines under a header, only those that the filter lets through', async () => {
    await shell('list');
    const child = program.start(shell, 'calls', '--follow', '--source', '198.51.100.0/24');
    const ended = outcome(child);
    const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
    expect((await lines.next()).value).toMatch(/^TIME +SOURCE +CC +OUTCOME +REASON/);
    journal(shell, [aStranger('192.0.2.1'), aStranger('198.51.100.1')]);
    expect((await lines.next()).value).toMatch(/ 198\.51\.100\.1 +RU +stranger +not-permitted/);
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0, err: '' });
  });

  it('ends in silence where its reader goes away', async () => {
    await shell('list');
    const child = program.start(shell, 'calls', '--follow');
    await once(child.stdout!, 'data');
    child.stdout!.destroy();
    const ended = outcome(child);
    journal(shell, strangers(50));
    expect(await ended).toMatchObject({ code: 0, err: '' });
  });
});
