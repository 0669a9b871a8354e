import { type AddressRange, addressAt, parseRange } from '../address/index.ts';
import type { Database } from '../database/index.ts';
import { checkedRule, type RuleRow } from './rule-row.ts';
import type { List, Rule } from './types.ts';

/** Many rules, read once; each can be had again later. */
export interface RuleReader {
  /** Some at a time. @throws Fault where a row is unsound */
  readonly batches: Iterable<readonly Rule[]>;
  /** @param number from 0 in the order of `batches`, of a rule that was read */
  rule(number: number): Rule;
}

/** Rows read at a time: half a millisecond, so that calls need not wait. */
const BATCH = 128;

/** An id may have 64 bits: it is counted on as a bigint. */
type BatchRow = readonly [last: bigint | null, rows: string, ends: string];

const BATCH_SQL = `
  SELECT max(id),
    json_group_array(
      json_array(id, list, kind, subject, note, origin, created_at, expires_at)),
    group_concat(hex(ifnull(first, zeroblob(16))) || hex(ifnull(last, zeroblob(16))), '')
  FROM (SELECT * FROM rule WHERE id > @after AND (@list IS NULL OR list = @list)
        ORDER BY id LIMIT ${BATCH})`;

/**
 * Reads all rules, or those of one list, in the order in which they were made; in a transaction, as
 * all of it was at one moment. SQLite hands over a batch as two texts: value by value, 100 000 rows
 * took six times as long. The bytes of the first are what is kept: a hundred thousand objects would
 * have the garbage collector hold up calls.
 */
export function readRules(database: Database, list?: List): RuleReader {
  const statement = database.prepare(BATCH_SQL).raw().safeIntegers();
  const read: Buffer[] = [];

  function* batches() {
    let after: number | bigint = Number.NEGATIVE_INFINITY;
    for (;;) {
      const [last, rows, hex] = statement.get({ after, list: list ?? null }) as BatchRow;
      if (last === null) return;
      after = last;
      read.push(Buffer.from(rows));
      const ends = Buffer.from(hex, 'hex');
      yield rowsOf(rows).map((row, at) =>
        checkedRule(row, () => [addressAt(ends, 32 * at), addressAt(ends, 32 * at + 16)]),
      );
    }
  }

  return {
    batches: batches(),
    rule(number) {
      const batch = read[Math.floor(number / BATCH)]!; // all but the last are full
      const row = rowsOf(batch.toString())[number % BATCH]!;
      // That the text has the ends that the row has was seen when it was read.
      return checkedRule(row, () => endsOf(parseRange(row.subject)!));
    },
  };
}

const endsOf = ({ first, last }: AddressRange) => [first, last] as const;

type Values = readonly [number, string, string, string, string, string, number, number | null];

function rowsOf(json: string): Omit<RuleRow, 'first' | 'last'>[] {
  return (JSON.parse(json) as Values[]).map((values) => {
    const [id, list, kind, subject, note, origin, created_at, expires_at] = values;
    return { id, list, kind, subject, note, origin, created_at, expires_at };
  });
}
