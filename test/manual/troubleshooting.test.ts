import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { codeIn } from '../support/manual.ts';

const PAGE = 'docs/troubleshooting.md';

/** All that the program and its dialplan can say, as it is written there. */
const said = ['src', 'dialplan']
  .flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  )
  .filter((file) => /\.(ts|conf)$/.test(file))
  .map((file) => readFileSync(file, 'utf8'))
  .join('\n')
  .replaceAll("\\'", "'");

const COMMAND = /^(ipcountry|asterisk|systemctl|journalctl|ss|mail\.\w+) /;

/** Spans of more than one word that are no commands: they quote what is said, `…` for what varies. */
const quotes = codeIn(PAGE)
  .filter(({ language, text }) => language === 'span' && / /.test(text) && !COMMAND.test(text))
  .map(({ text }) => text);

it('quotes enough', () => {
  expect(quotes.length).toBeGreaterThan(25);
});

it.each(quotes)('quotes what is said: %s', (quote) => {
  for (const part of quote.split('…').map((text) => text.trim())) {
    expect(said.includes(part), part).toBe(true);
  }
});
