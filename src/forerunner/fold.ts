import { type Ipv4, ipv4, PRIVATE_RANGES } from '../address/index.ts';
import { isCountryCode } from '../country/index.ts';
import type { CarriedRule } from '../exchange/index.ts';
import type { List } from '../policy/index.ts';
import { type CodeRows, type Sorted, sortRows, type Unsound } from './rows.ts';
import { joined, outside, type Span, sizeOfSpans } from './spans.ts';
import type { Tables } from './tables.ts';

/** What became of the rows of one list with one code. */
export interface Group {
  readonly list: List;
  /** In capitals; `AA`: made by hand; '': none. */
  readonly code: string;
  readonly rows: number;
  /** Whether there is now a rule for the country. */
  readonly country: boolean;
  /** Rules for ranges. */
  readonly ranges: number;
  /**
   * The part of the country's addresses in geolite that the rows have, from 0 to 1; undefined where
   * geolite does not say, or the code is no country's.
   */
  readonly covered: number | undefined;
}

export interface Folding {
  readonly rules: readonly CarriedRule[];
  readonly groups: readonly Group[];
  readonly unsound: readonly (Unsound & { readonly list: List })[];
}

/**
 * A country is folded when the list has this part of its addresses in geolite: all, but for what a
 * refresh of geolite since moved from one country to another.
 */
export const ENOUGH_COVERED = 0.95;

/** Without geolite, a country is folded that has so many ranges: nobody made them by hand. */
export const ENOUGH_RANGES = 20;

/** The code of rows that an administrator made. */
const BY_HAND = 'AA';

/**
 * Folds ranges that IP Country expanded a country into back into one rule for the country; all
 * others become rules for ranges. An address is on a list afterwards if and only if it was before,
 * or belongs to a country that became a rule.
 */
export function fold({ permit, deny, geolite }: Tables): Folding {
  const countries = geolite && sortRows(geolite, 'leave out');
  const lists = [
    ['permit', sortRows(permit, 'leave out')],
    ['deny', sortRows(deny, 'cut')],
  ] as const;
  const folded = lists.flatMap(([list, sorted]) =>
    [...sorted.byCode].map(([code, rows]) => foldCode(list, code, rows, countries)),
  );
  return {
    rules: folded.flatMap(({ rules }) => rules),
    groups: folded.map(({ group }) => group),
    unsound: lists.flatMap(([list, { unsound }]) => unsound.map((rows) => ({ list, ...rows }))),
  };
}

function foldCode(
  list: List,
  code: string,
  { rows, spans }: CodeRows,
  countries: Sorted | undefined,
): { readonly rules: CarriedRule[]; readonly group: Group } {
  const isCountry = isCountryCode(code);
  const whole = (isCountry && countries?.byCode.get(code)?.spans) || [];
  const covered =
    whole.length > 0 ? 1 - sizeOfSpans(outside(whole, spans)) / sizeOfSpans(whole) : undefined;
  const country =
    isCountry &&
    (countries ? covered !== undefined && covered >= ENOUGH_COVERED : rows >= ENOUGH_RANGES);
  // What geolite has no longer, the country rule would not bring back.
  const left = !country ? spans : countries ? outside(spans, whole) : [];
  const ranges = list === 'permit' ? apartFromPrivate(left) : left;
  const note = `IP Country: ${code === BY_HAND ? 'by hand' : code || 'without a code'}`;
  const rules = ranges.map((span) => ruleOf(list, span, note));
  if (country) {
    const subject = { kind: 'country', code } as const;
    rules.unshift({ list, subject, note: `${note}, ${rows} ranges`, ...BY_IMPORTER });
  }
  return { rules, group: { list, code, rows, country, ranges: ranges.length, covered } };
}

const BY_IMPORTER = { origin: undefined, createdAt: undefined, expiresAt: undefined };

/** The ranges that permit begins with, here as there. */
const PRIVATE: readonly Span[] = joined(
  PRIVATE_RANGES.flatMap(({ first, last }) =>
    first.family === 4 ? [{ first: first.value, last: (last as Ipv4).value }] : [],
  ),
);

/** Each private range that is in `spans` whole stays a span of its own: permit here has it, too. */
function apartFromPrivate(spans: readonly Span[]): readonly Span[] {
  const inThere = PRIVATE.filter((range) => outside([range], spans).length === 0);
  return inThere.length === 0 ? spans : [...inThere, ...outside(spans, inThere)];
}

function ruleOf(list: List, { first, last }: Span, note: string): CarriedRule {
  const range = { first: ipv4(first), last: ipv4(last) };
  return { list, subject: { kind: 'range', range }, note, ...BY_IMPORTER };
}
