import type { Command } from 'commander';
import { afterAll, describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { openShell } from '../support/cli.ts';

interface Verb {
  readonly path: string;
  readonly command: Command;
}

function verbsOf(command: Command, path = ''): Verb[] {
  return command.commands.flatMap((inner) => {
    const name = `${path} ${inner.name()}`.trim();
    return [{ path: name, command: inner }, ...verbsOf(inner, name)];
  });
}

const program = await createProgram();
const verbs = verbsOf(program);
const shell = openShell();
afterAll(() => shell.remove());

/** What the help prints behind the options. */
async function helpOf(path: string): Promise<string> {
  const { code, out } = await shell(...path.split(' '), '--help');
  expect(code).toBe(0);
  return out;
}

const examplesIn = (help: string) =>
  [...help.matchAll(/^ {2}.*?\bipcountry (.+)$/gm)].map(([, line]) => line!);

describe('the help', () => {
  it('knows all verbs of the manual', () => {
    const names = program.commands.map((command) => command.name()).sort();
    expect(names).toEqual(
      [
        ...[
          'alerts',
          'audit',
          'backup',
          'call',
          'calls',
          'check',
          'completion',
          'country',
          'deny',
          'dialplan',
        ],
        ...[
          'domain',
          'export',
          'extension',
          'firewall',
          'guard',
          'import',
          'inspect',
          'list',
          'mode',
          'permit',
        ],
        ...['remove', 'reset', 'restore', 'scanner', 'serve', 'setup', 'status', 'trust'],
      ].sort(),
    );
  });

  it.each(verbs.map(({ path }) => path))('of %s has a description and an example', async (path) => {
    const help = await helpOf(path);
    expect(help).toMatch(/^Examples?:$/m);
    expect(examplesIn(help).some((line) => line.startsWith(path.split(' ')[0]!))).toBe(true);
    expect(verbs.find((verb) => verb.path === path)!.command.description()).toMatch(/^.{10,}[^.]$/);
  });

  it.each(verbs.map(({ path }) => path))('of %s has examples that can be typed', async (path) => {
    for (const line of examplesIn(await helpOf(path))) {
      const words = line.split(/ [>|] | {2,}|\)/)[0]!.split(' ');
      let command = program;
      const known = program.options.map((option) => option.long);
      for (;;) {
        const inner = command.commands.find((verb) => verb.name() === words[0]);
        if (!inner) break;
        command = inner;
        known.push(...command.options.map((option) => option.long));
        words.shift();
      }
      for (const word of words.filter((text) => text.startsWith('--'))) {
        expect(known, line).toContain(word);
      }
      const wanted = command.registeredArguments.filter((argument) => argument.required).length;
      expect(words.length, line).toBeGreaterThanOrEqual(wanted);
    }
  });

  it('shows an example for the program itself, and its version', async () => {
    expect((await shell('--help')).out).toContain('ipcountry permit US CA');
    const { code, out } = await shell('--version');
    expect([code, out]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+\n$/)]);
  });
});

describe('usage mistakes end with 2, and say where help is', () => {
  it.each<[string, string[], RegExp]>([
    ['an unknown verb', ['permitt', 'US'], /unknown command 'permitt'.*\n.*permit/],
    ['an unknown option', ['permit', 'US', '--fro', '1d'], /unknown option '--fro'/],
    ['a missing argument', ['permit'], /missing required argument 'subject'/],
    ['too many arguments', ['export', 'a', 'b'], /too many arguments/],
    ['an unknown verb below a verb', ['country', 'upgrade'], /unknown command 'upgrade'/],
  ])('%s', async (_, argv, message) => {
    const { code, out, err } = await shell(...argv);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toMatch(message);
  });
});

describe('loads no more verbs than are asked for', () => {
  const loaded = async (...words: string[]) =>
    (await createProgram(words)).commands.map((command) => command.name());
  const all = program.commands.map((command) => command.name());

  it.each([
    ['list', ['list']],
    ['--json list --config x', ['list']],
    ['--config permit list', ['list']],
    ['--config --config list permit', ['list']],
    ['--config=permit list', ['list']],
    ['permit US', ['permit', 'deny', 'trust']],
    ['help --json trust', ['permit', 'deny', 'trust']],
    ['--version', []],
    ['--json -V list', []],
  ])('%s', async (words, names) => {
    expect(await loaded(...words.split(' '))).toEqual(names);
  });

  it.each([
    ...['', 'lst', 'help', 'help lst', '--help', '--help list', '-h list', '--jsn list'],
    ...['--json=1 list', '--config list', '-- list', 'completion bash', 'constructor'],
  ])('all for %j', async (words) => {
    expect(await loaded(...words.split(' '))).toEqual(all);
  });

  it.each(all)('%s has the same help alone as among all', async (name) => {
    const helpIn = (commands: Command) =>
      commands.commands.find((command) => command.name() === name)!.helpInformation();
    expect(helpIn(await createProgram([name]))).toBe(helpIn(program));
  });
});
