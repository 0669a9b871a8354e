import type { Dialplan, ExtensionName } from '../asterisk/index.ts';
import type { Found } from './reach/index.ts';

/** What of a dialled number goes out: the pattern that takes it, less the digits that are cut off. */
export interface DialledNumber {
  /** Sets of bytes, as of {@link ExtensionName}. */
  readonly sets: readonly bigint[];
  readonly wildcard: ExtensionName['wildcard'];
}

/** As its lines cut it: `${EXTEN:1}`, `${EXTEN:${GLOBAL(TRUNKMSD)}}`. */
export function numberOf({ extension }: Found, { globals }: Dialplan): DialledNumber {
  const { sets, wildcard } = extension.name;
  const cuts = extension.steps
    .flatMap(({ data }) => [...data.matchAll(/\$\{EXTEN:(?:(\d+)|\$\{(?:GLOBAL\()?(\w+)\)?\})/g)])
    .map(([, digits, name]) => Number(digits ?? globals.get(name!) ?? 0) || 0);
  return { sets: sets.slice(cuts.length > 0 ? Math.min(...cuts) : 0), wildcard };
}

/** Numbers so long are called from abroad only; national ones have up to 11 digits with their 0. */
const LONG = 12;

/** Whether no digit of it is fixed, and none counted. */
export function isAnyNumber({ sets, wildcard }: DialledNumber): boolean {
  return wildcard !== '' && sets.every((set) => !isSingle(set));
}

/** Whether numbers of other countries are among them: 00 in most of the world, +, 011. */
export function isInternational({ sets, wildcard }: DialledNumber): boolean {
  const begins = (prefix: string) =>
    [...prefix].every((digit, i) =>
      sets[i] === undefined ? wildcard !== '' : has(sets[i], digit),
    );
  const says = (prefix: string) =>
    [...prefix].every(
      (digit, i) => sets[i] !== undefined && isSingle(sets[i]) && has(sets[i], digit),
    );
  // 011 only where it is said: outside North America area codes begin so.
  if (says('00') || says('011') || says('+')) return true;
  return (begins('00') || begins('+')) && (wildcard !== '' || sets.length >= LONG);
}

function has(set: bigint, digit: string): boolean {
  return (set & (1n << BigInt(255 - digit.charCodeAt(0)))) !== 0n;
}

/** A set of one: a power of two. */
function isSingle(set: bigint): boolean {
  return (set & (set - 1n)) === 0n;
}
