import { type Address, addressFromBytes } from '../address/index.ts';
import { type Database, openDatabase } from '../database/index.ts';
import { Fault } from '../errors.ts';
import type { Log } from '../log.ts';
import { domainKey } from './domain.ts';
import { checkedScanner, getMode, listDomains, listExtensions, listScanners } from './lists.ts';
import { type Policy, policyOf } from './policy.ts';
import { checkedExtension, parseRoute } from './route.ts';
import { readRules } from './rule-reader.ts';
import { atOnce, inSlices, type Work } from './slices.ts';
import type { Route } from './types.ts';

/** Something in the database that had to be left out of the policy, for log and `status`. */
export type Complaint = (message: string) => void;

/**
 * Reads everything and compiles it, in one read transaction.
 * @param complain told of each extension that is unsound (it is treated as unlisted), and each
 * scanner pattern
 * @throws Fault where a rule is unsound
 */
export function loadPolicy(database: Database, complain: Complaint = () => {}): Policy {
  return database.transaction(() => atOnce(readPolicy(database, complain)))();
}

/**
 * {@link loadPolicy} a few milliseconds at a time, on a connection of its own: one that is being
 * read can't be written to.
 */
async function loadInSlices(path: string, complain: Complaint): Promise<Policy> {
  const database = openDatabase(path, { readonly: true });
  try {
    database.exec('BEGIN'); // all of it as it was at one moment
    return await inSlices(readPolicy(database, complain));
  } finally {
    database.close();
  }
}

function* readPolicy(database: Database, complain: Complaint): Work<Policy> {
  return yield* policyOf({
    revision: readRevision(database),
    mode: getMode(database),
    resolved: resolvedNames(database),
    extensions: extensionRoutes(database, complain),
    // None is left out: an empty list would let every domain do.
    domains: new Set(listDomains(database).map((domain) => domainKey(domain.name))),
    scanners: scannerPatterns(database, complain),
    rules: readRules(database),
  });
}

export function readRevision(database: Database): number {
  return Number(
    database.prepare("SELECT value FROM setting WHERE name = 'revision'").pluck().get() ?? 0,
  );
}

/** The last good addresses of each host name. */
export function resolvedNames(database: Database): Map<string, Address[]> {
  const names = new Map<string, Address[]>();
  const rows = database.prepare('SELECT name, address FROM resolved_name').all();
  for (const { name, address } of rows as { name: string; address: Buffer }[]) {
    const known = names.get(name) ?? [];
    known.push(addressFromBytes(address));
    names.set(name, known);
  }
  return names;
}

function extensionRoutes(database: Database, complain: Complaint): Map<string, Route> {
  const routes = new Map<string, Route>();
  for (const { name, route } of listExtensions(database)) {
    unlessFault(`extension ${name}`, complain, () => {
      routes.set(checkedExtension(name), parseRoute(route));
    });
  }
  return routes;
}

function scannerPatterns(database: Database, complain: Complaint): string[] {
  const patterns: string[] = [];
  for (const { name } of listScanners(database)) {
    unlessFault(`scanner '${name}'`, complain, () => {
      patterns.push(checkedScanner(name));
    });
  }
  return patterns;
}

/** Rows may have been edited by hand: one that is unsound is left out, and told. */
function unlessFault(what: string, complain: Complaint, take: () => void): void {
  try {
    take();
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    complain(`${what} is left out: ${cause.message}`);
  }
}

/** Milliseconds before a policy that could not be loaded is tried again, if it hasn't moved. */
const RETRY = 5_000;

/** Rules from which a load would hold up calls for more than some milliseconds. */
const MANY = 2_000;

/** The policy in force, kept up to date with the database. */
export interface LivePolicy {
  /** Call before each decision: reloads if another connection has changed the policy. */
  current(): Policy;
  /** Whether what the database has by now could not be loaded: the last good one is in force. */
  failing(): boolean;
}

/**
 * Loads the policy and keeps it current. `PRAGMA data_version` tells cheaply, per call, whether
 * another connection has written at all; only then is the revision read; only when that moved is
 * the policy compiled anew: before the call is judged, or, where there are thousands of rules, a few
 * milliseconds at a time between calls, which are judged by the last policy for that long (a second
 * or less at 100 000 rules).
 *
 * A policy that can't be loaded leaves the last good one in force, and is tried again as soon as it
 * moves: the row that was mended counts for the next call.
 * @param database not the connection that changes the policy: SQLite tells of others' writes alone
 * @throws Fault where the first load fails
 */
export function openPolicy(database: Database, log: Log): LivePolicy {
  const complain: Complaint = (message) =>
    log.error({ complaint: message }, 'policy: entry left out');
  const dataVersion = database.prepare('PRAGMA data_version').pluck();
  const revision = database.prepare("SELECT value FROM setting WHERE name = 'revision'").pluck();
  const counted = database.prepare('SELECT count(*) FROM (SELECT 1 FROM rule LIMIT ?)').pluck();
  let seenData = dataVersion.get();
  let policy = loadPolicy(database, complain);
  let loading = false;
  let failing = false;
  let failed: number | undefined = Number.NaN; // revision; undefined where it can't even be read
  let retryAt = 0;

  function use(fresh: Policy): void {
    policy = fresh;
    failing = false;
    log.info({ revision: policy.revision, ...policy.size, mode: policy.mode }, 'policy loaded');
  }

  function fail(wanted: number | undefined, cause: unknown): void {
    failing = true;
    failed = wanted;
    retryAt = performance.now() + RETRY;
    log.error({ err: cause }, 'policy: reload failed, the last good one stays in force');
  }

  function loadMany(wanted: number): void {
    loading = true;
    loadInSlices(database.name, complain)
      .then(use, (cause) => fail(wanted, cause))
      .finally(() => {
        loading = false;
      });
  }

  return {
    current() {
      let wanted: number | undefined;
      const silent = () => loading || (wanted === failed && performance.now() < retryAt);
      try {
        const data = dataVersion.get();
        if (data === seenData) return policy;
        wanted = Number(revision.get());
        if (wanted !== policy.revision) {
          if (silent()) return policy;
          if (counted.get(MANY) === MANY) {
            loadMany(wanted);
            return policy;
          }
          use(loadPolicy(database, complain));
        }
        seenData = data;
        failing = false;
      } catch (cause) {
        if (!silent()) fail(wanted, cause); // one complaint now and then, not one for each call
      }
      return policy;
    },
    failing: () => failing,
  };
}
