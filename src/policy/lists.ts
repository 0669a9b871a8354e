import type { Database } from '../database/index.ts';
import { fault } from '../errors.ts';
import { checkedDomain } from './domain.ts';
import { checkedExtension, formatRoute } from './route.ts';
import type { Mode, Route } from './types.ts';

/** A row of extension, domain or scanner. Times are milliseconds since 1970, UTC. */
export interface Listed {
  readonly name: string;
  readonly note: string;
  readonly origin: string;
  readonly createdAt: number;
}

export interface ListedExtension extends Listed {
  /** As stored; parse it with parseRoute, as it may have been edited by hand. */
  readonly route: string;
}

interface Entry {
  readonly name: string;
  readonly note?: string;
  readonly origin: string;
}

/** @throws Fault where the name can't be an extension */
export function addExtension(
  database: Database,
  entry: Entry & { route: Route },
  now: number,
): void {
  database
    .prepare(
      `INSERT INTO extension (name, route, note, origin, created_at) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (name) DO UPDATE
       SET route = excluded.route, note = excluded.note, origin = excluded.origin`,
    )
    .run(
      checkedExtension(entry.name),
      formatRoute(entry.route),
      entry.note ?? '',
      entry.origin,
      now,
    );
}

export function removeExtension(database: Database, name: string): boolean {
  return remove(database, 'extension', 'name', name.toLowerCase());
}

export function listExtensions(database: Database): ListedExtension[] {
  return database
    .prepare(
      'SELECT name, route, note, origin, created_at AS createdAt FROM extension ORDER BY name',
    )
    .all() as ListedExtension[];
}

/** @throws Fault where the name is no domain */
export function addDomain(database: Database, entry: Entry, now: number): void {
  insert(database, 'domain', 'name', checkedDomain(entry.name), entry, now);
}

export function removeDomain(database: Database, name: string): boolean {
  return remove(database, 'domain', 'name', checkedDomain(name));
}

export function listDomains(database: Database): Listed[] {
  return list(database, 'domain', 'name');
}

/** Any less would be found in the User-Agents of callers who are welcome. */
const SHORTEST_SCANNER = 3;

/** The pattern as it is kept and compared: lower case. @throws Fault where it is too short */
export function checkedScanner(text: string): string {
  if (text.trim().length < SHORTEST_SCANNER) throw fault('scanner-short', text);
  return text.toLowerCase();
}

/** `name` is a part of a User-Agent, in letters of any case. @throws Fault where it is too short */
export function addScanner(database: Database, entry: Entry, now: number): void {
  insert(database, 'scanner', 'pattern', checkedScanner(entry.name), entry, now);
}

export function removeScanner(database: Database, pattern: string): boolean {
  return remove(database, 'scanner', 'pattern', pattern.toLowerCase());
}

export function listScanners(database: Database): Listed[] {
  return list(database, 'scanner', 'pattern');
}

export function getMode(database: Database): Mode {
  const value = database.prepare("SELECT value FROM setting WHERE name = 'mode'").pluck().get();
  // Unknown is never "let pass": only the exact word puts the server into monitor mode.
  return value === 'monitor' ? 'monitor' : 'enforce';
}

export function setMode(database: Database, mode: Mode): void {
  database
    .prepare(
      `INSERT INTO setting (name, value) VALUES ('mode', ?)
       ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
    )
    .run(mode);
}

// Table and column names below are ours, never a caller's or an administrator's text.

function insert(
  database: Database,
  table: 'domain' | 'scanner',
  key: 'name' | 'pattern',
  name: string,
  entry: Entry,
  now: number,
): void {
  database
    .prepare(
      `INSERT INTO ${table} (${key}, note, origin, created_at) VALUES (?, ?, ?, ?)
       ON CONFLICT (${key}) DO UPDATE SET note = excluded.note, origin = excluded.origin`,
    )
    .run(name, entry.note ?? '', entry.origin, now);
}

function remove(database: Database, table: string, key: string, name: string): boolean {
  return database.prepare(`DELETE FROM ${table} WHERE ${key} = ?`).run(name).changes > 0;
}

function list(database: Database, table: string, key: string): Listed[] {
  return database
    .prepare(
      `SELECT ${key} AS name, note, origin, created_at AS createdAt FROM ${table} ORDER BY 1`,
    )
    .all() as Listed[];
}
