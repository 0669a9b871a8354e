import type { Database } from '../database/index.ts';
import { type CarriedRule, type Content, NOTHING_ELSE } from '../exchange/index.ts';
import { fold } from '../forerunner/index.ts';
import { formatSubject, initialRules } from '../policy/index.ts';
import { showForerunner } from './forerunner-table.ts';
import { type ImportOptions, importContent } from './import-content.ts';
import { type MysqlOptions, readMysql } from './import-mysql.ts';
import type { Session } from './session.ts';

/**
 * Takes in the tables of IP Country (2009).
 * @throws Fault where they can't be read, or the change must not be made
 */
export async function importForerunner(
  session: Session,
  options: ImportOptions & MysqlOptions,
): Promise<void> {
  const tables = await readMysql(options);
  const folding = fold(tables);
  const found = {
    database: tables.database,
    geolite: tables.geolite?.length ?? null,
    groups: folding.groups.map((group) => ({ ...group, covered: group.covered ?? null })),
    unsound: folding.unsound,
  };
  const rules = withInitial(session.database(), folding.rules, options.replace ?? false);
  const content: Content = { ...NOTHING_ELSE, lists: ['permit', 'deny'], rules };
  await importContent(session, content, options, {
    ...{ found, shows: showForerunner(tables, folding) },
  });
}

/**
 * The private ranges stay as permit begins with them. The forerunner knew no IPv6: where it replaces
 * all rules, those of IPv6 are put back.
 */
function withInitial(
  database: Database,
  rules: readonly CarriedRule[],
  replace: boolean,
): CarriedRule[] {
  const initial = new Map(initialRules(database).map((rule) => [rule.text, rule]));
  const ipv6 = [...initial.values()].filter(({ text }) => text.includes(':'));
  const kept = rules.map((rule) => {
    const first = rule.list === 'permit' && initial.get(formatSubject(rule.subject));
    return first ? { ...rule, note: first.note, origin: first.origin } : rule;
  });
  return [...(replace ? ipv6 : []), ...kept];
}
