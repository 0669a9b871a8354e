import { bytesOf } from '../address/index.ts';
import { type Database, prepared } from '../database/index.ts';
import { readRules } from './rule-reader.ts';
import { type RuleRow, ruleOf } from './rule-row.ts';
import { formatSubject } from './subject.ts';
import type { List, Rule, Subject } from './types.ts';

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
  return database.transaction(() => [...readRules(database, list).batches].flat())();
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
