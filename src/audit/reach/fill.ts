import { substring } from '../../asterisk/index.ts';
import { evaluate } from './expression.ts';
import { callFunction } from './functions.ts';
import { readTemplate, type Template } from './template.ts';
import { isKnown, joined, limited, literal, type Text, tamed, UNKNOWN } from './text.ts';

/** Where a text is filled in. */
export interface Scope {
  /** The values a variable may have there; undefined where nothing tells. */
  variable(name: string): readonly Text[] | undefined;
  /** Whether the dialplan has looked at what `${source}` holds, and goes on with the harmless alone. */
  isChecked(source: string): boolean;
  /** Hears of functions that run what they are given. */
  onCall?(name: 'SHELL' | 'EVAL', argument: Text): void;
}

/** The values that a text may have once it is filled in. */
export function fill(template: Template, scope: Scope): readonly Text[] {
  return joined(
    template.map((piece): readonly Text[] => {
      if (piece.kind === 'literal') return [literal(piece.text)];
      const inside = fill(piece.inside, scope);
      if (piece.kind === 'expression') return limited(inside.map(evaluate));
      const values = limited(inside.flatMap((text) => valuesOf(text, scope)));
      return scope.isChecked(piece.source) ? values.map(tamed) : values;
    }),
  );
}

export function fillText(text: string, scope: Scope): readonly Text[] {
  return fill(readTemplate(text), scope);
}

/** `NAME`, `NAME:1:2`, `FUNCTION(arguments):1`. */
function valuesOf(inside: Text, scope: Scope): readonly Text[] {
  const at = colon(inside);
  const name = at < 0 ? inside : inside.slice(0, at);
  const [offset, length] = at < 0 ? [] : inside.slice(at + 1).split(':');
  const call = /^([^(]*)\((.*)\)$/s.exec(name);
  let values: readonly Text[];
  if (call) values = callFunction(call[1]!, call[2]!, scope);
  else values = scope.variable(name) ?? [UNKNOWN];
  return offset === undefined ? values : values.map((value) => cut(value, offset, length));
}

/** The colon behind the name, outside brackets. */
function colon(inside: string): number {
  let depth = 0;
  for (let i = 0; i < inside.length; i++) {
    if (inside[i] === '(') depth++;
    else if (inside[i] === ')') depth--;
    else if (inside[i] === ':' && depth === 0) return i;
  }
  return -1;
}

/** Of a text with marks only what stands in front of the first is known well enough to be cut off. */
function cut(value: Text, offset: string, length: string | undefined): Text {
  if (isKnown(value)) return substring(value, offset, length);
  const from = Number.parseInt(offset, 10) || 0;
  const known = value.search(/[\uE000-\uE002]/);
  return from > 0 ? value.slice(Math.min(from, known)) : value;
}
