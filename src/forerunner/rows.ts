import { oneLine } from '../errors.ts';
import { joined, type Span } from './spans.ts';
import type { TableRow } from './tables.ts';

/** Rows that are no range of addresses, by what is wrong with them. */
export interface Unsound {
  readonly what: string;
  readonly count: number;
  /** The first few of them, safe to show: `3232235777-3232235520 AA`. */
  readonly examples: readonly string[];
}

/** A table, its rows by code: in capitals, as it stands there, '' where there is none. */
export interface Sorted {
  readonly byCode: ReadonlyMap<string, CodeRows>;
  readonly unsound: readonly Unsound[];
}

export interface CodeRows {
  readonly rows: number;
  /** As `joined` gives them. */
  readonly spans: readonly Span[];
}

/** The last address of IPv4. */
const MOST = 0xffff_ffff;
const MOST_EXAMPLES = 3;

/**
 * @param whole what to do with a range that ends beyond the last address: cut it there (a deny must
 * not be lost), or leave it out (what is permitted must be meant)
 */
export function sortRows(rows: readonly TableRow[], whole: 'cut' | 'leave out'): Sorted {
  const byCode = new Map<string, Span[]>();
  const unsound = new Map<string, { what: string; count: number; examples: string[] }>();
  for (const row of rows) {
    const first = wholeNumber(row.first);
    const last = wholeNumber(row.last);
    const what = mistakeIn(first, last);
    if (what !== undefined) {
      const known = unsound.get(what) ?? { what, count: 0, examples: [] };
      unsound.set(what, known);
      known.count++;
      if (known.examples.length < MOST_EXAMPLES) known.examples.push(textOf(row));
    }
    if (what !== undefined && !(what === BEYOND && whole === 'cut' && first! <= MOST)) continue;
    const code = typeof row.code === 'string' ? row.code.trim().toUpperCase() : '';
    const spans = byCode.get(code) ?? [];
    byCode.set(code, spans);
    spans.push({ first: first!, last: Math.min(last!, MOST) });
  }
  return {
    byCode: new Map(
      [...byCode].map(([code, spans]) => [code, { rows: spans.length, spans: joined(spans) }]),
    ),
    unsound: [...unsound.values()],
  };
}

const BEYOND = 'beyond the last address of IPv4';

function mistakeIn(first: number | undefined, last: number | undefined): string | undefined {
  if (first === undefined || last === undefined) return 'without a number at both ends';
  if (last < first) return 'ending before it begins';
  return last > MOST ? BEYOND : undefined;
}

/** MariaDB gives large and decimal numbers as text. */
function wholeNumber(value: unknown): number | undefined {
  const text = typeof value === 'number' || typeof value === 'string' ? String(value) : '';
  return /^\d{1,20}$/.test(text) ? Number(text) : undefined;
}

function textOf({ first, last, code }: TableRow): string {
  const text = (value: unknown) => (value === null ? 'NULL' : String(value).slice(0, 30));
  return oneLine(`${text(first)}-${text(last)} ${text(code)}`);
}
