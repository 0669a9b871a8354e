import type { Command } from 'commander';
import { escaped, line, prose, request, tagged, typed } from './roff.ts';
import { DESCRIPTION, SECTIONS, type Section } from './sections.ts';
import { verbPages } from './verbs.ts';

/**
 * The man page ipcountry(1), from what the program's own help says of each verb.
 * @param date when it was made: `2026-11-21`
 */
export function manPage(program: Command, date: string): string {
  const name = program.name();
  const about = program.description().replace(/:.*/s, '');
  const version = `${name} ${program.version()}`;
  const parts = [
    // As it is: a man page's date is no text, and mandoc reads it.
    request('TH', name.toUpperCase(), '1', 'DATE', version, 'User Commands').replace('DATE', date),
    request('SH', 'NAME'),
    `${escaped(name)} \\- ${escaped(about.charAt(0).toLowerCase() + about.slice(1))}`,
    request('SH', 'SYNOPSIS'),
    typed(`${name} [option...] <verb> [argument...]`),
    request('SH', 'DESCRIPTION'),
    ...DESCRIPTION.flatMap((text) => ['.PP', ...prose(text)]).slice(1),
    request('SH', 'OPTIONS'),
    ...[...program.options, HELP].flatMap((option) =>
      tagged(typed(option.flags), option.description),
    ),
    request('SH', 'VERBS'),
    ...verbPages(program),
    ...SECTIONS.flatMap(sectionPage),
  ];
  return `${parts.join('\n')}\n`;
}

const HELP = { flags: '-h, --help', description: 'show help; behind a verb, for that verb' };

function sectionPage({ title, text, terms }: Section): string[] {
  return [
    request('SH', title),
    ...text.flatMap((paragraph) => prose(paragraph)),
    ...terms.flatMap(([term, about]) => tagged(`\\fB${line(term)}\\fR`, about)),
  ];
}
