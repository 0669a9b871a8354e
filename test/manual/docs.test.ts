import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { beforeAll, describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { schema } from '../../src/config-schema.ts';
import { codeIn, PAGES, readPage } from '../support/manual.ts';

let program: Command;
beforeAll(async () => {
  program = await createProgram();
});

/** `## Who may call?` → `who-may-call`, as GitHub makes it. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

const anchorsIn = (page: string) =>
  readPage(page)
    .split('\n')
    .flatMap((line) => /^#{1,6} (.*)$/.exec(line)?.[1] ?? [])
    .map(anchorOf);

describe.each(PAGES)('%s', (page) => {
  it('has links that lead somewhere', () => {
    const links = [...readPage(page).matchAll(/(?<!\\)\]\(([^)\s]+)\)/g)].map(([, link]) => link!);
    for (const link of links.filter((text) => !/^https?:/.test(text))) {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? page : join(dirname(page), path);
      expect(existsSync(target), link).toBe(true);
      if (anchor !== undefined) expect(anchorsIn(target), link).toContain(anchor);
    }
  });

  it('names verbs and options that there are', () => {
    for (const line of commandsIn(page)) expect(mistakeIn(line), line).toBeUndefined();
  });

  it('names configuration keys that there are', () => {
    const sections = schema.entries as Record<string, { wrapped: { entries: object } }>;
    for (const { text } of codeIn(page).filter(({ language }) => language === 'span')) {
      const [, section = '', key = ''] = /^([a-z]+)\.([a-z_]+)(?: = .*)?$/.exec(text) ?? [];
      const entries = sections[section]?.wrapped.entries;
      if (entries && !FILES.test(text)) expect(Object.keys(entries), text).toContain(key);
    }
  });
});

/** `manager.conf` is a file. */
const FILES = /\.(conf|toml|db|mmdb|ts|sh|md)$/;

describe('the manual', () => {
  it('has every verb', () => {
    const said = PAGES.flatMap(commandsIn);
    for (const verb of verbsIn(program)) {
      expect(
        said.some((line) => `${line} `.startsWith(`ipcountry ${verb} `)),
        verb,
      ).toBe(true);
    }
  });
});

/** Verbs that do something: `country update`, not `country`. */
function verbsIn(command: Command, path: string[] = []): string[] {
  return command.commands.flatMap((verb) => {
    const name = [...path, verb.name()];
    return verb.commands.length > 0 ? verbsIn(verb, name) : [name.join(' ')];
  });
}

/** What is to be typed: `ipcountry country update --from x`, without comments, pipes and the like. */
function commandsIn(page: string): string[] {
  return codeIn(page)
    .filter(({ language }) => language !== 'ini' && language !== 'mermaid')
    .flatMap(({ text }) => text.split('\n'))
    .flatMap((line) => /(?:^|[#$|(]|root ) ?(ipcountry [a-z].*)$/.exec(line)?.[1] ?? [])
    .map((line) => line.split(/ [#|>;&]|\s{2,}|'$/)[0]!.trim());
}

/** What is wrong with a command line, but for the values that a reader puts in. */
function mistakeIn(line: string): string | undefined {
  const words = line.split(' ').slice(1);
  let command = program;
  const chain = [program];
  while (words.length > 0 && command.commands.length > 0) {
    const verb = command.commands.find((inner) => inner.name() === words[0]);
    if (!verb) break;
    command = verb;
    chain.push(verb);
    words.shift();
  }
  if (words[0] === 'help' && command === program) return undefined;
  const group = command.commands.length > 0;
  if (group && words[0]?.match(/^[a-z]/)) return `there is no verb '${words[0]}'`;
  const options = chain.flatMap(({ options: own }) =>
    own.flatMap(({ long, short }) => [long, short]),
  );
  return words
    .filter((word) => /^--?[a-z]/.test(word))
    .map((word) => word.replace(/[=,].*$/, ''))
    .find((word) => word !== '--help' && !options.includes(word));
}
