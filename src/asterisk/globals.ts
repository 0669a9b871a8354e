/** Deeper than any dialplan nests; a text of nothing but `${` must not exhaust the stack. */
const DEEPEST = 20;

/**
 * Fills in global variables, as Asterisk does where it loads a dialplan: `${NAME}`, `${A${B}}`,
 * `${NAME:1:2}`; an unset one is empty. Functions and expressions stay as they stand: only the
 * running Asterisk can tell.
 */
export function fillGlobals(text: string, globals: ReadonlyMap<string, string>, depth = 0): string {
  if (depth > DEEPEST || !text.includes('${')) return text;
  let filled = '';
  let rest = text;
  for (;;) {
    const at = rest.indexOf('${');
    if (at < 0) return filled + rest;
    const end = closing(rest, at + 2);
    const inside = fillGlobals(rest.slice(at + 2, end), globals, depth + 1);
    filled += rest.slice(0, at);
    filled += /[()[\]]/.test(inside) ? `\${${inside}}` : variable(inside, globals);
    rest = rest.slice(end + 1);
  }
}

/** Where the bracket closes that is open before `from`; the end where it does not. */
function closing(text: string, from: number): number {
  let open = 1;
  for (let i = from; i < text.length; i++) {
    if (text[i] === '{') open++;
    else if (text[i] === '}' && --open === 0) return i;
  }
  return text.length;
}

function variable(inside: string, globals: ReadonlyMap<string, string>): string {
  const [name = '', offset, length] = inside.split(':');
  const value = globals.get(name) ?? '';
  return offset === undefined ? value : substring(value, offset, length);
}

/** `${X:OFFSET:LENGTH}`; both may count from the end (main/pbx_variables.c, substring). */
export function substring(value: string, offset: string, length: string | undefined): string {
  const from = Number.parseInt(offset, 10) || 0;
  const count =
    length === undefined || length === '' ? undefined : Number.parseInt(length, 10) || 0;
  const start = from < 0 ? Math.max(0, value.length + from) : from;
  if (count === undefined) return value.slice(start);
  return count < 0
    ? value.slice(start, Math.max(start, value.length + count))
    : value.slice(start, start + count);
}
