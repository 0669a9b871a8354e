import type { Statement } from 'better-sqlite3';
import type { Database } from './database.ts';

const statements = new WeakMap<Database, Map<string, Statement>>();

/**
 * The statement, prepared once for each connection: for what is done a hundred thousand times in a
 * row, where SQLite would spend more time on reading the SQL than on the row.
 */
export function prepared(database: Database, sql: string): Statement {
  const known = statements.get(database) ?? new Map<string, Statement>();
  statements.set(database, known);
  const statement = known.get(sql) ?? database.prepare(sql);
  known.set(sql, statement);
  return statement;
}
