import { fault } from '../errors.ts';
import { type Ask, type MariaDbSettings, type Naming, readMariaDb } from '../mariadb/index.ts';
import { type Column, rangeColumns } from './columns.ts';

/** A row as it stands there: an administrator's, so it may hold anything. */
export interface TableRow {
  readonly first: unknown;
  readonly last: unknown;
  readonly code: unknown;
}

/** The tables of IP Country (2009), each row as it was made. */
export interface Tables {
  readonly database: string;
  readonly permit: readonly TableRow[];
  readonly deny: readonly TableRow[];
  /** What countries were added from; undefined where it is not there or is empty. */
  readonly geolite: readonly TableRow[] | undefined;
}

const NAMES = ['permit', 'deny', 'geolite'] as const;
type Name = (typeof NAMES)[number];

/**
 * Reads the tables.
 * @param settings with `database` empty: wherever there is a database with `permit` and `deny`
 * @throws Fault forerunner-absent, forerunner-several, forerunner-columns, mariadb-…
 */
export function readTables(settings: MariaDbSettings, naming: Naming): Promise<Tables> {
  return readMariaDb(settings, naming, async (ask) => {
    const found = await findTables(ask, settings, naming);
    const read = (table: Name) => readTable(ask, found, table);
    const geolite = found.columns.has('geolite') ? await read('geolite') : [];
    return {
      database: found.database,
      permit: await read('permit'),
      deny: await read('deny'),
      geolite: geolite.length > 0 ? geolite : undefined,
    };
  });
}

interface Found {
  readonly database: string;
  readonly columns: ReadonlyMap<Name, readonly Column[]>;
}

async function findTables(
  ask: Ask,
  { user, database }: MariaDbSettings,
  { keyOf }: Naming,
): Promise<Found> {
  const rows = await ask(
    `SELECT TABLE_SCHEMA AS \`schema\`, LOWER(TABLE_NAME) AS \`table\`, COLUMN_NAME AS name,
       LOWER(DATA_TYPE) AS type, CHARACTER_MAXIMUM_LENGTH AS length, EXTRA AS extra
     FROM information_schema.COLUMNS
     WHERE TABLE_NAME IN (?, ?, ?) AND (? = '' OR TABLE_SCHEMA = ?)
     ORDER BY TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION`,
    [...NAMES, database, database],
  );
  const schemas = new Map<string, Map<Name, Column[]>>();
  for (const { schema, table, name, type, length, extra } of rows) {
    const tables = schemas.get(String(schema)) ?? new Map<Name, Column[]>();
    schemas.set(String(schema), tables);
    const columns = tables.get(table as Name) ?? [];
    tables.set(table as Name, columns);
    columns.push({
      name: String(name),
      type: String(type),
      length: length === null ? undefined : Number(length),
      counts: String(extra).includes('auto_increment'),
    });
  }
  const whole = [...schemas].filter(([, tables]) => tables.has('permit') && tables.has('deny'));
  const [only] = whole;
  if (!only) throw fault('forerunner-absent', user, database, keyOf('database'));
  if (whole.length > 1) {
    const names = whole.map(([schema]) => schema).join(', ');
    throw fault('forerunner-several', names, keyOf('database'));
  }
  return { database: only[0], columns: only[1] };
}

async function readTable(
  ask: Ask,
  { database, columns }: Found,
  table: Name,
): Promise<readonly TableRow[]> {
  const all = columns.get(table) ?? [];
  const chosen = rangeColumns(all);
  if (!chosen) {
    const names = all.map(({ name, type }) => `${name} ${type}`).join(', ');
    throw fault('forerunner-columns', `${database}.${table}`, names);
  }
  const { first, last, code } = chosen;
  const rows = await ask('SELECT ?? AS first, ?? AS last, ?? AS code FROM ??.??', [
    ...[first, last, code, database, table],
  ]);
  return rows as unknown as readonly TableRow[];
}
