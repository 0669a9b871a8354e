import { isKnown, markOf, type Text } from './text.ts';

/**
 * The value of `$[…]`, its variables filled in, as far as comparisons of known texts give it; else a
 * mark.
 */
export function evaluate(text: Text): Text {
  if (/^\s*-?\d+\s*$/.test(text)) return text.trim();
  const value = either(text.trim());
  if (value === undefined) return markOf(text);
  return value ? '1' : '0';
}

/** `a | b`, `a & b`: one that is sure may decide it. */
function either(text: Text): boolean | undefined {
  const parts = split(text, '|');
  if (parts.length > 1) {
    const values = parts.map(either);
    if (values.includes(true)) return true;
    return values.includes(undefined) ? undefined : false;
  }
  const both = split(text, '&');
  if (both.length > 1) {
    const values = both.map(either);
    if (values.includes(false)) return false;
    return values.includes(undefined) ? undefined : true;
  }
  const inner = unwrapped(text);
  return inner === undefined ? compare(text) : either(inner);
}

/** What is in brackets, where the first of them closes at the end. */
function unwrapped(text: string): string | undefined {
  if (!text.startsWith('(')) return undefined;
  let depth = 0;
  for (const [i, character] of [...text].entries()) {
    if (character === '(') depth++;
    if (character === ')' && --depth === 0) {
      return i === text.length - 1 ? text.slice(1, -1).trim() : undefined;
    }
  }
  return undefined;
}

const COMPARISON = /^("[^"]*"|[^"=!<>]*?)\s*(!=|==?|<=|>=|<|>)\s*("[^"]*"|[^"=!<>]*)$/s;

/** What Asterisk works out, and we don't. */
const CALCULATION = /[-+*/%~:!(),]/;

function compare(text: Text): boolean | undefined {
  const [, left, operator, right] = COMPARISON.exec(text) ?? [];
  if (left === undefined || right === undefined)
    return CALCULATION.test(text) ? undefined : truth(text);
  if (!isKnown(left + right)) return differsSurely(left, right, operator!);
  const [a, b] = [unquoted(left), unquoted(right)];
  if (operator === '=' || operator === '==') return isSame(a, b);
  if (operator === '!=') return !isSame(a, b);
  const [x, y] = [Number(a), Number(b)];
  if (a === '' || b === '' || Number.isNaN(x) || Number.isNaN(y)) return undefined;
  if (operator === '<') return x < y;
  if (operator === '>') return x > y;
  return operator === '<=' ? x <= y : x >= y;
}

/** `"s-…" = ""`: a mark stands for something or nothing, but what is around it is there. */
function differsSurely(left: Text, right: Text, operator: string): boolean | undefined {
  const [known, other] = isKnown(left) ? [left, right] : [right, left];
  const literals = unquoted(other).replace(/[\uE000-\uE002]/g, '');
  if (unquoted(known) !== '' || literals === '') return undefined;
  if (operator === '!=') return true;
  return operator.startsWith('=') ? false : undefined;
}

function isSame(a: string, b: string): boolean {
  return a === b || (a !== '' && b !== '' && Number(a) === Number(b));
}

function unquoted(text: string): string {
  return text.trim().replace(/^"(.*)"$/s, '$1');
}

/** Parts between `by` outside quotes and brackets. */
function split(text: string, by: string): string[] {
  const parts = [''];
  let quoted = false;
  let depth = 0;
  for (const character of text) {
    if (character === '"') quoted = !quoted;
    if (!quoted && character === '(') depth++;
    if (!quoted && character === ')') depth = Math.max(0, depth - 1);
    if (character === by && !quoted && depth === 0) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts.map((part) => part.trim());
}

/** Whether a condition holds, as pbx_checkcondition() has it; undefined where only a call can tell. */
export function truth(text: Text): boolean | undefined {
  if (text === '') return false;
  const number = /^\s*([+-]?\d+)/.exec(text)?.[1];
  if (number !== undefined && isKnown(text)) return Number(number) !== 0;
  return isKnown(text) ? true : undefined;
}
