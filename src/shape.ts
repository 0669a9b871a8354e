import type * as v from 'valibot';

/**
 * What is wrong where a schema has no words of its own for it. valibot's would repeat the value,
 * and that may be a secret.
 */
export function mismatch({ type, expected, input }: v.BaseIssue<unknown>): string {
  // Of an object, only its keys can be meant, or that it is none.
  if (type.includes('object') && expected !== 'Object') return 'is missing';
  return `expected ${(expected ?? 'another value').toLowerCase()}, received ${typeOf(input)}`;
}

/** Of a value from JSON or TOML. */
export function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (value instanceof Date) return 'date';
  return value === null ? 'null' : typeof value;
}

/** For a schema of words: `expected one of "auto"|"none"`. */
export function oneOf(words: readonly string[]): string {
  return `expected one of ${words.map((word) => `"${word}"`).join('|')}`;
}
