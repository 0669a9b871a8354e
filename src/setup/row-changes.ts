import type { Mode } from '../policy/index.ts';
import type { Answers } from './answers.ts';
import type { Facts } from './facts.ts';
import type { Present } from './present.ts';
import { type RowChange, type RowValue, ruleRow, sameRow } from './rows.ts';

/** What the answers mean for the rules, the whitelist, the domains and the mode. */
export function rowChanges(
  facts: Facts,
  answers: Pick<Answers, 'countries' | 'domains' | 'extensions'>,
  origin: string,
): RowChange[] {
  const { present } = facts;
  const changes = [
    ...countries(present, answers.countries, origin),
    ...domains(present, answers.domains, origin),
    ...extensions(present, answers.extensions, origin),
    ...mode(facts),
  ];
  return changes.filter(({ before, after }) => !sameRow(before, after));
}

function countries(present: Present, wanted: readonly string[], origin: string): RowChange[] {
  const rules = new Map(present.countries.map((rule) => [rule.text, rule]));
  const added = wanted.map((key): RowChange => {
    const rule = rules.get(key);
    const before = rule ? ruleRow(rule) : null;
    if (before && before['expires'] === undefined) return same('permit', key, before);
    const after = ruleRow({ note: rule?.note ?? '', origin, expiresAt: undefined });
    return { table: 'permit', key, before, after };
  });
  // A rule for some days was made for a reason, and goes by itself.
  const gone = [...rules.values()].filter(
    ({ text, expiresAt }) => expiresAt === undefined && !wanted.includes(text),
  );
  return [...added, ...gone.map((rule) => removal('permit', rule.text, ruleRow(rule)))];
}

function domains(present: Present, wanted: readonly string[], origin: string): RowChange[] {
  const rows = new Map(
    present.domains.map((row) => [row.name, { note: row.note, origin: row.origin }]),
  );
  return [
    ...wanted.map((key): RowChange => {
      const before = rows.get(key) ?? null;
      return { table: 'domain', key, before, after: before ?? { note: '', origin } };
    }),
    ...removals('domain', rows, wanted),
  ];
}

function extensions(present: Present, wanted: Answers['extensions'], origin: string): RowChange[] {
  const rows = new Map(
    present.extensions.map(({ name, route, note, origin }) => [name, { route, note, origin }]),
  );
  const names = wanted.map(({ name }) => name);
  return [
    ...wanted.map(({ name, route }): RowChange => {
      const before = rows.get(name) ?? null;
      const after = before?.route === route ? before : { route, note: before?.note ?? '', origin };
      return { table: 'extension', key: name, before, after };
    }),
    ...removals('extension', rows, names),
  ];
}

/**
 * Monitor, until Asterisk has our dialplan: setup never starts to refuse calls. Where calls are
 * screened already the mode is somebody's choice. Where Asterisk can't be asked, only a database
 * that is new can be sure of having screened nothing.
 */
function mode({ present, screening }: Facts): RowChange[] {
  const screened = screening ?? present.database;
  if (screened) return [];
  const row = (mode: Mode): RowValue => ({ mode });
  return [{ table: 'mode', key: 'mode', before: row(present.mode), after: row('monitor') }];
}

function same(table: RowChange['table'], key: string, row: RowValue): RowChange {
  return { table, key, before: row, after: row };
}

function removal(table: RowChange['table'], key: string, before: RowValue): RowChange {
  return { table, key, before, after: null };
}

function removals(
  table: RowChange['table'],
  rows: ReadonlyMap<string, RowValue>,
  wanted: readonly string[],
): RowChange[] {
  return [...rows]
    .filter(([key]) => !wanted.includes(key))
    .map(([key, row]) => removal(table, key, row));
}
