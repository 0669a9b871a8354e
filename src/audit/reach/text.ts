import { setOf } from '../../asterisk/index.ts';

/**
 * A text as far as it is known before any call: literal, but for marks, each of which stands for some
 * characters that only a call gives.
 */
export type Text = string;

/** What no caller writes: an entry of the database, a state. */
export const UNKNOWN = '\uE000';
/** The caller's, but digits, letters and the like alone. */
export const TAME = '\uE001';
/** The caller's as it came: `&`, commas and all. */
export const WILD = '\uE002';

const MARKS = /[\uE000-\uE002]/g;

/** More values than that at one place are not told apart. */
const MOST = 8;

export const isKnown = (text: Text) => !/[\uE000-\uE002]/.test(text);
export const isCallers = (text: Text) => /[\uE001\uE002]/.test(text);
export const isWild = (text: Text) => text.includes(WILD);
/** Nothing but marks: it may be anything. */
export const isOpen = (text: Text) => /^[\uE000-\uE002]+$/.test(text);

/** As a dialplan's file gives it: it holds no marks. */
export const literal = (text: string): Text => text.replace(MARKS, '?');

/** A mark for text of which no more is known than who wrote its parts. */
export function markOf(...texts: readonly Text[]): Text {
  if (texts.some(isWild)) return WILD;
  return texts.some(isCallers) ? TAME : UNKNOWN;
}

export const tamed = (text: Text): Text => text.replaceAll(WILD, TAME);

/** Longer than that no extension is (AST_MAX_EXTENSION). */
export const LONGEST = 80;
/** A jump that puts something in front of what it jumps with, and comes back, would go on for ever. */
const LONGEST_OPEN = 12;

/** A text with as many marks as say all there is to say. */
export function simplified(text: Text): Text {
  if (isKnown(text)) return text;
  const short = text.replace(/[\uE000-\uE002]{2,}/g, (marks) => markOf(marks));
  return short.length > LONGEST_OPEN ? markOf(short) : short;
}

/** For people: `PJSIP/…@trunk`. */
export const display = (text: Text): string => text.replace(/[\uE000-\uE002]+/g, '…');

/** Each once; one mark for all where there are too many. */
export function limited(texts: readonly Text[]): readonly Text[] {
  if (texts.length === 1) return texts;
  const different = [...new Set(texts)];
  return different.length > MOST ? [markOf(...different)] : different;
}

/** Every combination of the parts' values; where these are too many, marks for parts. */
export function joined(parts: readonly (readonly Text[])[]): readonly Text[] {
  let found: readonly Text[] = [''];
  for (const values of parts) {
    const fit = found.length * values.length <= MOST ? values : [markOf(...values)];
    found = found.flatMap((text) => fit.map((value) => text + value));
  }
  return [...new Set(found)];
}

/** Characters that change nothing about what an application does with them. */
const HARMLESS = setOf('0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+*#._-@/: ');

/** Whether a set of bytes, as of a pattern, holds none that is dangerous in a dial string or a shell. */
export function isHarmless(set: bigint): boolean {
  return (set & ~HARMLESS) === 0n;
}
