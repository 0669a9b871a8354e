import { isKnown, type Text } from './text.ts';

/** Where a jump goes: `context,extension,priority`, parts of it left out from the front. */
export interface Location {
  /** Undefined: where the call is. */
  readonly context: Text | undefined;
  readonly extension: Text | undefined;
  /** A number, a label, `+2`. */
  readonly priority: Text;
}

/** As pbx_parse_location() has it: commas, whatever is in brackets. What is empty is left out, too. */
export function readLocation(text: Text): Location {
  const [first = '', second, third] = text.split(',');
  if (second === undefined) return { context: undefined, extension: undefined, priority: first };
  if (third === undefined) {
    return { context: undefined, extension: first || undefined, priority: second };
  }
  return { context: first || undefined, extension: second || undefined, priority: third };
}

/** As it was written, but for blanks. */
export function locationText({ context, extension, priority }: Location): Text {
  return [context, extension, priority].filter((part) => part !== undefined).join(',');
}

/** `context,extension,priority(argument,argument)` of Gosub. */
export function readSubroutine(text: Text): { to: Text; argument: Text | undefined } {
  const at = text.indexOf('(');
  if (at < 0) return { to: text, argument: undefined };
  const close = text.lastIndexOf(')');
  return { to: text.slice(0, at), argument: text.slice(at + 1, close > at ? close : undefined) };
}

/** A priority in figures; undefined for a label or what is not known. */
export function priorityOf(text: Text, current: number): number | undefined {
  const [, sign, figures] = /^\s*([+-]?)(\d+)\s*$/.exec(text) ?? [];
  if (!isKnown(text) || figures === undefined) return undefined;
  if (sign === '') return Number(figures);
  return current + (sign === '+' ? Number(figures) : -Number(figures));
}
