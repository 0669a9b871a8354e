import { type Address, addressFromBytes, rangeBetween } from '../address/index.ts';
import { Fault, fault } from '../errors.ts';
import { formatSubject, parseSubject, rangeSubject } from './subject.ts';
import { LISTS, type Rule, type Subject } from './types.ts';

/** A rule as it is stored; see db/0001-foundation.sql. */
export interface RuleRow {
  readonly id: number;
  readonly list: string;
  readonly kind: string;
  readonly subject: string;
  readonly first: Buffer | null;
  readonly last: Buffer | null;
  readonly note: string;
  readonly origin: string;
  readonly created_at: number;
  readonly expires_at: number | null;
}

/**
 * The row as a rule, checked again: the table may have been edited by hand, and a rule that can't
 * be read must be noticed, not skipped (a skipped deny would let a stranger in).
 * @throws Fault that names the row
 */
export function ruleOf(row: RuleRow): Rule {
  return checkedRule(row, () => [addressFromBytes(row.first!), addressFromBytes(row.last!)]);
}

type Ends = readonly [first: Address, last: Address];

/** {@link ruleOf}, where the ends of a range come from elsewhere. */
export function checkedRule(row: Omit<RuleRow, 'first' | 'last'>, ends: () => Ends): Rule {
  const list = LISTS.find((known) => known === row.list);
  if (!list) throw fault('rule-unsound', row.id, row.list, row.subject, 'unknown list');
  return {
    id: row.id,
    list,
    subject: checkedSubject(row, ends),
    text: row.subject,
    note: row.note,
    origin: row.origin,
    createdAt: row.created_at,
    expiresAt: row.expires_at ?? undefined,
  };
}

/** What is matched of a range are the bytes; that the text says the same is looked at here. */
function checkedSubject(
  row: Pick<RuleRow, 'id' | 'list' | 'kind' | 'subject'>,
  ends: () => Ends,
): Subject {
  try {
    const subject =
      row.kind === 'range' ? rangeSubject(rangeBetween(...ends())) : parseSubject(row.subject);
    if (subject.kind === row.kind && formatSubject(subject) === row.subject) return subject;
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    throw fault('rule-unsound', row.id, row.list, row.subject, cause.message);
  }
  throw fault('rule-unsound', row.id, row.list, row.subject, `is no ${row.kind}`);
}
