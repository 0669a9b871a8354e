/**
 * Takes the arguments of an application apart, as Asterisk does once variables are filled in
 * (main/app.c, __ast_app_separate_args): round and square brackets and quotes keep what is in them
 * together, `\` the next character.
 * @param most the last one takes what is left over
 * @param raw leaves quotes and backslashes in, as AST_NONSTANDARD_RAW_ARGS does
 */
export function separateArguments(
  text: string,
  { by = ',', most = Number.POSITIVE_INFINITY, raw = false } = {},
): string[] {
  const found: string[] = [];
  let current = '';
  let round = 0;
  let square = 0;
  let quoted = false;
  let i = 0;
  while (i < text.length && found.length < most - 1) {
    const character = text[i++]!;
    let kept = character;
    if (character === '(') round++;
    else if (character === ')') round = Math.max(0, round - 1);
    else if (character === '[') square++;
    else if (character === ']') square = Math.max(0, square - 1);
    else if (character === '"' && by !== '"') {
      quoted = !quoted;
      if (!raw) kept = '';
    } else if (character === '\\') {
      kept = (raw ? character : '') + (text[i++] ?? '');
    } else if (character === by && !quoted && round === 0 && square === 0) {
      found.push(current);
      current = '';
      continue;
    }
    current += kept;
  }
  found.push(current + text.slice(i));
  return text === '' ? [] : found;
}

/** `Dial(PJSIP/1,60)` → `Dial` and `PJSIP/1,60`, as application and data stand in one text. */
export function splitApplication(text: string): { application: string; data: string } {
  const open = text.indexOf('(');
  if (open < 0) return { application: text.trimStart(), data: '' };
  const close = text.lastIndexOf(')');
  const data = text.slice(open + 1, close > open ? close : undefined);
  return { application: text.slice(0, open).trimStart(), data };
}
