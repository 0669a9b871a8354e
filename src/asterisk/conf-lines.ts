/** A line of a configuration file, its comments taken away. Never blank. */
export interface ConfLine {
  /** From 1. */
  readonly number: number;
  readonly text: string;
}

export interface ConfLines {
  readonly lines: readonly ConfLine[];
  /** How many comments are open at the end. Below 0, all is skipped too, until one begins. */
  readonly depth: number;
}

/** Bytes that Asterisk skips a line from (its buffer in main/config.c, with newline and end). */
const TOO_LONG = 8_191;

/**
 * Takes the comments out, as Asterisk does (main/config.c, config_text_file_load): `;` to the end of
 * the line, `;--` to `--;` over many lines and nested, `\;` for a semicolon.
 * @param open comments open at the beginning: files of one #include share them
 */
export function confLines(text: string, open = 0): ConfLines {
  const lines: ConfLine[] = [];
  let depth = open;
  for (const [i, line] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    if (Buffer.byteLength(line) >= TOO_LONG) continue;
    const kept = uncomment(line.replace(/\0.*$/s, ''));
    if (kept !== '') lines.push({ number: i + 1, text: kept });
  }
  return { lines, depth };

  function uncomment(line: string): string {
    let kept = '';
    let rest = line;
    /** That comments are open is no reason to drop what stands on the line of a stray `--;`. */
    let keeping = depth === 0;
    for (;;) {
      const at = rest.indexOf(';');
      const before = at < 0 ? rest : rest.slice(0, at);
      const escaped = at >= 0 && before.endsWith('\\');
      const begins = at >= 0 && !escaped && /^--(?!-)/.test(rest.slice(at + 1));
      const ends = at >= 0 && !escaped && !begins && before.endsWith('--');
      if (keeping) kept += escaped ? `${before.slice(0, -1)};` : before;
      if (begins) {
        depth++;
        keeping = false;
      } else if (ends) {
        if (keeping) kept += ';';
        depth--;
        keeping ||= depth === 0;
      } else if (at < 0 || (depth === 0 && !escaped)) return strip(kept);
      else if (keeping && !escaped) kept += ';';
      rest = rest.slice(at + (begins ? 3 : 1));
    }
  }
}

/** Without blanks around it, which are to Asterisk all control characters (ast_strip). */
export function strip(text: string): string {
  return text.replace(/^[\0-\x20]+|[\0-\x20]+$/g, '');
}
