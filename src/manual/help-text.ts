import { prose, verbatim } from './roff.ts';

/**
 * What a verb says behind its help, as roff: paragraphs are filled, indented lines stay as they
 * are, and `Examples:` above them becomes a heading of theirs.
 */
export function helpText(text: string): string[] {
  return text
    .split(/\n\s*\n/)
    .map((block) => block.split('\n').filter((line) => line.trim() !== ''))
    .filter((lines) => lines.length > 0)
    .flatMap(blockOf);
}

function blockOf(lines: readonly string[]): string[] {
  const begin = lines.findIndex((line) => line.startsWith(' '));
  const end = lines.findLastIndex((line) => line.startsWith(' ')) + 1;
  if (begin < 0) return ['.PP', ...prose(lines.join(' '))];
  const parts: string[] = [];
  if (begin > 0) parts.push('.PP', ...prose(lines.slice(0, begin).join(' ')));
  parts.push('.RS 2', ...verbatim(lines.slice(begin, end).map(unindented)), '.RE');
  if (end < lines.length) parts.push('.PP', ...prose(lines.slice(end).join(' ')));
  return parts;
}

function unindented(line: string): string {
  return line.replace(/^ {1,2}/, '');
}
