/** A column as information_schema.COLUMNS describes it. */
export interface Column {
  readonly name: string;
  /** `int`, `bigint`, `char`, … */
  readonly type: string;
  /** Characters, of text. */
  readonly length: number | undefined;
  readonly counts: boolean;
}

/** Which columns of a table hold a range of addresses and whose it is. */
export interface RangeColumns {
  readonly first: string;
  readonly last: string;
  readonly code: string;
}

const INTEGERS = new Set(['int', 'bigint', 'mediumint', 'decimal', 'integer', 'numeric']);
const TEXTS = new Set(['char', 'varchar']);

/** MaxMind's `begin_num` and `end_num`, and what else people call the ends of a range. */
const FIRST = /begin|start|from|first|low|min/i;
const LAST = /end|stop|to|last|high|max/i;
const CODE = /^(cc|ctry|code|iso.*|country(_?code)?)$/i;

/**
 * Finds the columns by what they hold, and by name where that leaves a choice: the scripts were
 * copied and changed from one PBX to the next, and so were the names.
 * @param columns in the table's order
 * @returns undefined where they can't be told for certain
 */
export function rangeColumns(columns: readonly Column[]): RangeColumns | undefined {
  const numbers = columns.filter(({ type, counts }) => INTEGERS.has(type) && !counts);
  const named = [
    numbers.filter(({ name }) => FIRST.test(name)),
    numbers.filter(({ name }) => LAST.test(name) && !FIRST.test(name)),
  ] as const;
  const certain = named.every(({ length }) => length === 1);
  const ends = certain ? [named[0][0]!, named[1][0]!] : numbers;
  const code = codeColumn(columns.filter(({ type }) => TEXTS.has(type)));
  if (ends.length !== 2 || !code) return undefined;
  return { first: ends[0]!.name, last: ends[1]!.name, code: code.name };
}

function codeColumn(texts: readonly Column[]): Column | undefined {
  const short = texts.filter(({ length }) => length === 2);
  const named = (columns: readonly Column[]) => columns.filter(({ name }) => CODE.test(name));
  const choices = [named(short), short, named(texts)];
  return choices.find(({ length }) => length === 1)?.[0];
}
