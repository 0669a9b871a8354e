/** A text of the dialplan with what is filled in when it runs. */
export type Piece =
  | { readonly kind: 'literal'; readonly text: string }
  /** `${…}`: the name of a variable or a function's call. */
  | { readonly kind: 'variable'; readonly inside: Template; readonly source: string }
  /** `$[…]`. */
  | { readonly kind: 'expression'; readonly inside: Template };

export type Template = readonly Piece[];

/** Deeper than any dialplan nests. */
const DEEPEST = 20;

/** Takes a text apart as Asterisk fills it in (main/pbx_variables.c). A bracket left open ends with it. */
export function readTemplate(text: string, depth = 0): Template {
  const pieces: Piece[] = [];
  let from = 0;
  while (from < text.length) {
    const at = depth > DEEPEST ? -1 : text.slice(from).search(/\$[{[]/);
    if (at !== 0) {
      pieces.push({ kind: 'literal', text: text.slice(from, at < 0 ? undefined : from + at) });
      if (at < 0) break;
    }
    const start = from + at + 2;
    const isVariable = text[start - 1] === '{';
    const end = closing(text, start, isVariable ? '{}' : '[]');
    const source = text.slice(start, end);
    const inside = readTemplate(source, depth + 1);
    pieces.push(isVariable ? { kind: 'variable', inside, source } : { kind: 'expression', inside });
    from = end + 1;
  }
  return pieces;
}

/** Where the bracket that is open closes, others of its kind apart; the end where it does not. */
function closing(text: string, from: number, [open, close]: string): number {
  let depth = 1;
  for (let i = from; i < text.length; i++) {
    if (text[i] === open) depth++;
    else if (text[i] === close && --depth === 0) return i;
  }
  return text.length;
}
