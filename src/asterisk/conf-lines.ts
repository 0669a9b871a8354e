/** A line of a configuration file, its comments taken away. */
export interface ConfLine {
  /** From 1. */
  readonly number: number;
  readonly text: string;
}

/**
 * Takes the comments out, as Asterisk does (main/config.c, config_text_file_load): `;` to the end of
 * the line, `;--` to `--;` over many lines and nested, `\;` for a semicolon. Blank lines are left out.
 */
export function confLines(text: string): ConfLine[] {
  const lines: ConfLine[] = [];
  let depth = 0;
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    let kept = '';
    let rest = line;
    while (rest !== '') {
      const at = rest.indexOf(';');
      if (at < 0) {
        if (depth === 0) kept += rest;
        break;
      }
      const before = rest.slice(0, at);
      const behind = rest.slice(at + 1);
      if (before.endsWith('\\')) {
        if (depth === 0) kept += `${before.slice(0, -1)};`;
        rest = behind;
      } else if (/^--(?!-)/.test(behind)) {
        if (depth === 0) kept += before;
        depth++;
        rest = behind.slice(2);
      } else if (before.endsWith('--') && depth > 0) {
        depth--;
        rest = behind;
      } else if (depth === 0) {
        kept += before;
        break;
      } else {
        rest = behind;
      }
    }
    if (kept.trim() !== '') lines.push({ number: i + 1, text: kept.trim() });
  }
  return lines;
}
