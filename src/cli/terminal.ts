import { stripVTControlCharacters, styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** Whether standard output is a terminal that wants colour (https://no-color.org). */
const coloured = process.stdout.isTTY === true && !process.env['NO_COLOR'];

/** Colours text for people; plain where output goes to a file or pipe. */
export function paint(style: Style, text: string): string {
  return coloured ? styleText(style, text, { validateStream: false }) : text;
}

/** Text that came from a caller, made safe to show on the administrator's screen. */
export { oneLine as shown } from '../errors.ts';

/**
 * Columns, each as wide as its widest cell, two blanks apart; the header only for people.
 * @param rows cells may be painted already
 */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [header.map((name) => paint('dim', name)), ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => width(row[column]!))));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell + ' '.repeat(widths[column]! - width(cell)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function width(cell: string): number {
  return stripVTControlCharacters(cell).length;
}

/** `2026-11-21 14:03:22` in the administrator's time zone. */
export function localTime(milliseconds: number): string {
  const time = new Date(milliseconds);
  const two = (value: number) => String(value).padStart(2, '0');
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${date} ${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}

/** `1 rule`, `2 rules`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
