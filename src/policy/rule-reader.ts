import { addressAt } from '../address/index.ts';
import type { Database } from '../database/index.ts';
import { checkedRule } from './rule-row.ts';
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
 * took six times as long. Their bytes are what is kept: a hundred thousand objects would have the
 * garbage collector hold up calls.
 */
export function readRules(database: Database, list?: List): RuleReader {
  const statement = database.prepare(BATCH_SQL).raw().safeIntegers();
  const read: Batch[] = [];

  function* batches() {
    let after: number | bigint = Number.NEGATIVE_INFINITY;
    for (;;) {
      const [last, rows, ends] = statement.get({ after, list: list ?? null }) as BatchRow;
      if (last === null) return;
      after = last;
      const batch = { rows: Buffer.from(rows), ends: Buffer.from(ends, 'hex') };
      read.push(batch);
      yield valuesOf(rows).map((values, at) => ruleAt(batch, values, at));
    }
  }

  return {
    batches: batches(),
    rule(number) {
      const batch = read[Math.floor(number / BATCH)]!; // all but the last are full
      const at = number % BATCH;
      return ruleAt(batch, valuesOf(batch.rows.toString())[at]!, at);
    },
  };
}

interface Batch {
  /** JSON: an array of the values of each row. */
  readonly rows: Buffer;
  /** First and last address of each row, 16 bytes each. */
  readonly ends: Buffer;
}

type Values = readonly [number, string, string, string, string, string, number, number | null];

const valuesOf = (rows: string) => JSON.parse(rows) as Values[];

function ruleAt({ ends }: Batch, values: Values, at: number): Rule {
  const [id, list, kind, subject, note, origin, created_at, expires_at] = values;
  const row = { id, list, kind, subject, note, origin, created_at, expires_at };
  return checkedRule(row, () => [addressAt(ends, 32 * at), addressAt(ends, 32 * at + 16)]);
}
