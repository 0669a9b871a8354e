import type { Command } from 'commander';
import { beforeAll, describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { manPage } from '../../src/manual/index.ts';
import { line, typed } from '../../src/manual/roff.ts';

/** Every verb, as it is typed: `country update`. */
function verbsIn(command: Command, path: string[] = []): [string, Command][] {
  return command.commands.flatMap((verb): [string, Command][] => {
    const name = [...path, verb.name()];
    return [[name.join(' '), verb], ...verbsIn(verb, name)];
  });
}

let program: Command;
let page: string;
let lines: string[];
beforeAll(async () => {
  program = await createProgram();
  page = manPage(program, '2026-11-21');
  lines = page.split('\n');
});

/** From the line that names a verb to the one that names the next. */
function partOf(verb: string): string[] {
  const name = typed(`ipcountry ${verb}`);
  const begin = lines.findIndex((text) => text === name || text.startsWith(`${name} `));
  expect(begin, verb).toBeGreaterThan(0);
  const isNext = (text: string) => text.startsWith('\\fBipcountry\\fR ') || text.startsWith('.S');
  return lines.slice(begin, begin + 1 + lines.slice(begin + 1).findIndex(isNext));
}

describe('ipcountry(1)', () => {
  it('says what it is, of which version and when it was made', () => {
    expect(lines.slice(0, 3)).toEqual([
      `.TH IPCOUNTRY 1 2026-11-21 "ipcountry ${program.version()}" "User Commands"`,
      '.SH NAME',
      'ipcountry \\- call screening for Asterisk',
    ]);
  });

  it('has every section that a man page has', () => {
    const titles = [...page.matchAll(/^\.SH "?(.*?)"?$/gm)].map(([, title]) => title);
    expect(titles).toEqual([
      ...['NAME', 'SYNOPSIS', 'DESCRIPTION', 'OPTIONS', 'VERBS'],
      ...['EXIT STATUS', 'ENVIRONMENT', 'FILES', 'SEE ALSO'],
    ]);
  });

  it('has the headings of the help, in its order', () => {
    const headings = [...page.matchAll(/^\.SS "?(.*?)"?$/gm)].map(([, heading]) => heading);
    const help = program.helpInformation();
    const inHelp = [...help.matchAll(/^(?!Usage|Options|Commands|Examples)(\S[^:\n]*):$/gm)].map(
      ([, h]) => h,
    );
    expect(inHelp.length).toBeGreaterThan(4);
    expect(headings).toEqual(inHelp.map((heading) => heading!.replaceAll('-', '\\-')));
  });

  it('has every verb with its options', () => {
    const verbs = verbsIn(program);
    expect(verbs.length).toBeGreaterThan(40);
    for (const [name, verb] of verbs) {
      const part = partOf(name);
      for (const { flags } of verb.options) expect(part, name).toContain(typed(flags));
    }
  });

  it('has every example', () => {
    const examples = verbsIn(program).flatMap(([, verb]) => {
      const text: string[] = [];
      verb.configureOutput({ writeOut: (part) => void text.push(part) }).outputHelp();
      return text.join('').match(/^ {2}ipcountry .*$/gm) ?? [];
    });
    expect(examples.length).toBeGreaterThan(60);
    for (const example of examples) expect(lines).toContain(line(example.trim()));
  });

  it('leaves no trace of commander, and no line that roff could take for another', () => {
    expect(page).not.toMatch(/\[options\]|\[command\]|undefined/);
    const requests = new Set([...page.matchAll(/^\.(\w+)/gm)].map(([, name]) => name));
    expect([...requests].sort()).toEqual(['EE', 'EX', 'PP', 'RE', 'RS', 'SH', 'SS', 'TH', 'TP']);
  });
});
