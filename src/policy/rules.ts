import { addressFromBytes, bytesOf, rangeBetween } from '../address/index.ts';
import { type Database, prepared } from '../database/index.ts';
import { Fault, fault } from '../errors.ts';
import type { Work } from './slices.ts';
import { formatSubject, parseSubject, rangeSubject } from './subject.ts';
import { LISTS, type List, type Rule, type Subject } from './types.ts';

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

export interface NewRule {
  readonly list: List;
  readonly subject: Subject;
  readonly note?: string;
  readonly origin: string;
  readonly expiresAt?: number | undefined;
}

const COLUMNS = 'id, list, kind, subject, first, last, note, origin, created_at, expires_at';

/**
 * Adds a rule, or gives the one with the same list and subject a new note and expiry.
 * @returns what the rule was before, where there was one
 */
export function addRule(database: Database, rule: NewRule, now: number): Rule | undefined {
  const { list, subject } = rule;
  const before = findRule(database, list, subject);
  const range = subject.kind === 'range' ? subject.range : undefined;
  prepared(
    database,
    `INSERT INTO rule (list, kind, subject, first, last, note, origin, created_at, expires_at)
     VALUES (@list, @kind, @subject, @first, @last, @note, @origin, @now, @expiresAt)
     ON CONFLICT (list, subject) DO UPDATE
     SET note = CASE WHEN excluded.note = '' THEN note ELSE excluded.note END,
         origin = excluded.origin, expires_at = excluded.expires_at`,
  ).run({
    list,
    kind: subject.kind,
    subject: formatSubject(subject),
    first: range ? bytesOf(range.first) : null,
    last: range ? bytesOf(range.last) : null,
    note: rule.note ?? '',
    origin: rule.origin,
    now,
    expiresAt: rule.expiresAt ?? null,
  });
  return before;
}

export function findRule(database: Database, list: List, subject: Subject): Rule | undefined {
  const row = prepared(database, `SELECT ${COLUMNS} FROM rule WHERE list = ? AND subject = ?`).get(
    list,
    formatSubject(subject),
  );
  return row ? ruleOf(row as RuleRow) : undefined;
}

/** @returns the rule that was removed, or undefined where there was none */
export function removeRule(database: Database, list: List, subject: Subject): Rule | undefined {
  const rule = findRule(database, list, subject);
  if (rule) prepared(database, 'DELETE FROM rule WHERE id = ?').run(rule.id);
  return rule;
}

/** How many rules each list has, sound or not, expired or not. */
export function countRules(database: Database): Record<List, number> {
  const counted = prepared(database, 'SELECT list, count(*) AS rules FROM rule GROUP BY list');
  const rows = counted.all() as { list: List; rules: number }[];
  const counts = { trust: 0, deny: 0, permit: 0 };
  for (const { list, rules } of rows) counts[list] = rules;
  return counts;
}

/** Rules in the order in which they were made. @throws Fault where a row is unsound */
export function listRules(database: Database, list?: List): Rule[] {
  const rows = database
    .prepare(`SELECT ${COLUMNS} FROM rule WHERE ? IS NULL OR list = ? ORDER BY id`)
    .all(list ?? null, list ?? null) as RuleRow[];
  return rows.map(ruleOf);
}

/** Rows read between two places to pause: some 0.5 ms. */
const ROWS = 128;

/** All rules, as {@link listRules}. @throws Fault where a row is unsound */
export function* readRules(database: Database): Work<Rule[]> {
  const rules: Rule[] = [];
  for (const row of database.prepare(`SELECT ${COLUMNS} FROM rule ORDER BY id`).iterate()) {
    if (rules.push(ruleOf(row as RuleRow)) % ROWS === 0) yield;
  }
  return rules;
}

/** Empties the list; permit goes back to the private ranges it began with. */
export function resetList(database: Database, list: List, now: number): void {
  database.transaction(() => {
    database.prepare('DELETE FROM rule WHERE list = ?').run(list);
    database
      .prepare(
        `INSERT INTO rule (list, kind, subject, first, last, note, origin, created_at)
         SELECT list, kind, subject, first, last, note, origin, ? FROM initial_permit
         WHERE list = ?`,
      )
      .run(now, list);
  })();
}

/** What permit begins with: the private ranges. */
export function initialRules(database: Database): Rule[] {
  const rows = database
    .prepare(`SELECT 0 AS id, 0 AS created_at, NULL AS expires_at, * FROM initial_permit`)
    .all();
  return (rows as RuleRow[]).map(ruleOf);
}

/** Deletes rules that expired before `before` (milliseconds); they had stopped matching anyway. */
export function deleteExpired(database: Database, before: number): number {
  return database.prepare('DELETE FROM rule WHERE expires_at < ?').run(before).changes;
}

/**
 * The row as a rule, checked again: the table may have been edited by hand, and a rule that can't
 * be read must be noticed, not skipped (a skipped deny would let a stranger in).
 * @throws Fault that names the row
 */
export function ruleOf(row: RuleRow): Rule {
  const list = LISTS.find((known) => known === row.list);
  if (!list) throw fault('rule-unsound', row.id, row.list, row.subject, 'unknown list');
  return {
    id: row.id,
    list,
    subject: subjectOf(row),
    text: row.subject,
    note: row.note,
    origin: row.origin,
    createdAt: row.created_at,
    expiresAt: row.expires_at ?? undefined,
  };
}

function subjectOf(row: RuleRow): Subject {
  try {
    const subject = row.kind === 'range' ? rangeOf(row) : parseSubject(row.subject);
    if (subject.kind === row.kind && formatSubject(subject) === row.subject) return subject;
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    throw fault('rule-unsound', row.id, row.list, row.subject, cause.message);
  }
  throw fault('rule-unsound', row.id, row.list, row.subject, `is no ${row.kind}`);
}

/** What is matched are the bytes; that the text says the same is looked at above. */
function rangeOf(row: RuleRow): Subject {
  return rangeSubject(rangeBetween(addressFromBytes(row.first!), addressFromBytes(row.last!)));
}
