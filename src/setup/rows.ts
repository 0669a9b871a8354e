import type { Database } from '../database/index.ts';
import {
  addDomain,
  addExtension,
  addRule,
  findRule,
  getMode,
  listDomains,
  listExtensions,
  type Mode,
  parseRoute,
  parseSubject,
  type Rule,
  removeDomain,
  removeExtension,
  removeRule,
  setMode,
} from '../policy/index.ts';

/** What a row of the database says, without its date. */
export type RowValue = Readonly<Record<string, string | number>>;

/** A row that setup adds, changes or takes out: null where there is none. */
export interface RowChange {
  readonly table: 'permit' | 'trust' | 'extension' | 'domain' | 'mode';
  /** A rule's subject, an extension, a domain; `mode` has a single row. */
  readonly key: string;
  readonly before: RowValue | null;
  readonly after: RowValue | null;
}

interface Table {
  read(database: Database, key: string): RowValue | null;
  write(database: Database, key: string, value: RowValue | null, now: number): void;
}

/** Rules of one list, by subject. */
const rules = (list: 'permit' | 'trust'): Table => ({
  read(database, key) {
    const rule = findRule(database, list, parseSubject(key));
    return rule ? ruleRow(rule) : null;
  },
  write(database, key, value, now) {
    const subject = parseSubject(key);
    // Taken out first: addRule() would keep a note where the new one is empty.
    removeRule(database, list, subject);
    if (!value) return;
    const expiresAt = value['expires'] === undefined ? undefined : Number(value['expires']);
    addRule(database, { list, subject, ...texts(value), expiresAt }, now);
  },
});

const TABLES: Readonly<Record<RowChange['table'], Table>> = {
  permit: rules('permit'),
  trust: rules('trust'),
  extension: {
    read(database, key) {
      const found = listExtensions(database).find(({ name }) => name === key);
      return found ? { route: found.route, note: found.note, origin: found.origin } : null;
    },
    write(database, key, value, now) {
      if (!value) removeExtension(database, key);
      else addExtension(database, { name: key, route: routeOf(value), ...texts(value) }, now);
    },
  },
  domain: {
    read(database, key) {
      const found = listDomains(database).find(({ name }) => name === key);
      return found ? { note: found.note, origin: found.origin } : null;
    },
    write(database, key, value, now) {
      if (value) addDomain(database, { name: key, ...texts(value) }, now);
      else removeDomain(database, key);
    },
  },
  mode: {
    read: (database) => ({ mode: getMode(database) }),
    // Unknown is never "let pass".
    write: (database, _key, value) =>
      setMode(database, (value?.['mode'] === 'monitor' ? 'monitor' : 'enforce') satisfies Mode),
  },
};

const routeOf = (value: RowValue) => parseRoute(String(value['route']));
const texts = ({ note = '', origin = '' }: RowValue) => ({
  note: String(note),
  origin: String(origin),
});

/** A rule as a row; `expires` in milliseconds since 1970. */
export function ruleRow(rule: Pick<Rule, 'note' | 'origin' | 'expiresAt'>): RowValue {
  const { note, origin, expiresAt } = rule;
  return { note, origin, ...(expiresAt !== undefined && { expires: expiresAt }) };
}

export function readRow(database: Database, { table, key }: Pick<RowChange, 'table' | 'key'>) {
  return TABLES[table].read(database, key);
}

/** Makes a row say `value`, or takes it out. @throws Fault where its texts are unsound */
export function writeRow(
  database: Database,
  { table, key }: Pick<RowChange, 'table' | 'key'>,
  value: RowValue | null,
  now: number,
): void {
  TABLES[table].write(database, key, value, now);
}

export function sameRow(a: RowValue | null, b: RowValue | null): boolean {
  if (!a || !b) return a === b;
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => a[name] === b[name]);
}
