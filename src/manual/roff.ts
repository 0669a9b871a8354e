/**
 * Text as roff source (groff_char(7), man(7)): nothing of it is taken for a request or an escape,
 * and what is typed can be copied from the page: a plain hyphen would become a typographic one,
 * and so would quotes, tilde and caret.
 */
export function escaped(text: string): string {
  return text
    .replace(/[\\'`~^-]/g, (c) => ESCAPES[c]!)
    .replace(/[^\x20-\x7e]/gu, (c) => `\\[u${hex(c)}]`);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\e',
  "'": '\\(aq',
  '`': '\\(ga',
  '~': '\\(ti',
  '^': '\\(ha',
  '-': '\\-',
};

function hex(character: string): string {
  return character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
}

/** A line that stands for itself: a dot at its beginning would make it a request. */
export function line(text: string): string {
  const safe = escaped(text);
  return safe.startsWith('.') ? `\\&${safe}` : safe;
}

/** A request with its words: `request('SH', 'SEE ALSO')` → `.SH "SEE ALSO"`. */
export function request(name: string, ...words: readonly string[]): string {
  const quoted = words.map((word) => {
    const safe = escaped(word).replaceAll('"', '\\(dq');
    return safe === '' || safe.includes(' ') ? `"${safe}"` : safe;
  });
  return [`.${name}`, ...quoted].join(' ');
}

/** A paragraph that is filled: a sentence a line, from which roff takes where sentences end. */
export function prose(text: string): string[] {
  return text
    .replace(/\s+/g, ' ')
    .trim()
    .split(/(?<=[.!?]) (?=\p{Lu})/u)
    .map(line);
}

/** Lines that stay as they are. */
export function verbatim(lines: readonly string[]): string[] {
  return ['.EX', ...lines.map(line), '.EE'];
}

/** A term, set by {@link typed} or {@link escaped}, and what it is. */
export function tagged(term: string, text: string): string[] {
  return ['.TP', term, ...prose(text)];
}

/**
 * A usage or the flags of an option: what is typed in bold, `<what>` stands for something in
 * italics, brackets and dots as they are.
 */
export function typed(text: string): string {
  return text
    .split(/(<[^>]+>|\[[^\]]+\]|,? +)/)
    .filter((part) => part !== '')
    .map((part) => {
      if (/^,? +$/.test(part)) return part;
      const [, open = '', name = '', dots = ''] = /^([<[])(.*?)(\.\.\.)?[>\]]$/.exec(part) ?? [];
      if (name === '') return `\\fB${escaped(part)}\\fR`;
      const value = `\\fI${escaped(name)}\\fR`;
      return `${open === '[' ? `[${value}]` : value}${dots}`;
    })
    .join('');
}
