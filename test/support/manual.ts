import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The pages of the manual, as people read them in the repository. */
export const PAGES: readonly string[] = [
  ...['README.md', 'CONTRIBUTING.md'],
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

export const readPage = (page: string): string => readFileSync(page, 'utf8');

/** A piece of code in a page: a fenced block, an indented one, or a span in the text. */
export interface Code {
  /** The word behind the fence. */
  readonly language: string;
  readonly text: string;
}

export function codeIn(page: string): Code[] {
  const blocks: Code[] = [];
  const prose: string[] = [];
  let fence: { language: string; lines: string[] } | undefined;
  for (const line of readPage(page).split('\n')) {
    const mark = /^ *```(\w*)$/.exec(line);
    if (mark && fence) {
      blocks.push({ language: fence.language, text: fence.lines.join('\n') });
      fence = undefined;
    } else if (mark) fence = { language: mark[1]!, lines: [] };
    else if (fence) fence.lines.push(line);
    else if (/^( {4}|\t)/.test(line)) blocks.push({ language: '', text: line.trim() });
    else prose.push(line);
  }
  const spans = [...prose.join('\n').matchAll(/`([^`\n]+)`/g)].map(([, text]) => text!);
  return [...blocks, ...spans.map((text) => ({ language: 'span', text }))];
}
