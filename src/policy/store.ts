import { type Address, addressFromBytes } from '../address/index.ts';
import type { Database } from '../database/index.ts';
import { Fault } from '../errors.ts';
import type { Log } from '../log.ts';
import { getMode, listDomains, listExtensions, listScanners } from './lists.ts';
import { compilePolicy, type Policy } from './policy.ts';
import { parseRoute } from './route.ts';
import { listRules } from './rules.ts';
import type { Route } from './types.ts';

/** Something in the database that had to be left out of the policy, for log and `status`. */
export type Complaint = (message: string) => void;

/**
 * Reads everything and compiles it, in one read transaction.
 * @param complain told of each extension whose route is unsound: it is treated as unlisted
 * @throws Fault where a rule is unsound
 */
export function loadPolicy(database: Database, complain: Complaint = () => {}): Policy {
  return database.transaction(() =>
    compilePolicy({
      revision: readRevision(database),
      mode: getMode(database),
      rules: listRules(database),
      resolved: resolvedNames(database),
      extensions: extensionRoutes(database, complain),
      domains: new Set(listDomains(database).map((domain) => domain.name)),
      scanners: listScanners(database).map((scanner) => scanner.name),
    }),
  )();
}

export function readRevision(database: Database): number {
  return Number(
    database.prepare("SELECT value FROM setting WHERE name = 'revision'").pluck().get() ?? 0,
  );
}

function resolvedNames(database: Database): Map<string, Address[]> {
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
    try {
      routes.set(name, parseRoute(route));
    } catch (cause) {
      if (!(cause instanceof Fault)) throw cause;
      complain(`extension ${name} is left out: ${cause.message}`);
    }
  }
  return routes;
}

/** Milliseconds before a policy that could not be loaded is tried again. */
const RETRY = 5_000;

/** The policy in force, kept up to date with the database. */
export interface LivePolicy {
  /** Call before each decision: reloads if another program, or this one, changed the policy. */
  current(): Policy;
}

/**
 * Loads the policy and keeps it current. `PRAGMA data_version` tells cheaply, per call, whether
 * another connection has written at all; only then is the revision read; only when that moved is
 * the policy compiled anew. A policy that can't be loaded leaves the last good one in force.
 * @throws Fault where the first load fails
 */
export function openPolicy(database: Database, log: Log): LivePolicy {
  const complain: Complaint = (message) =>
    log.error({ complaint: message }, 'policy: entry left out');
  const dataVersion = database.prepare('PRAGMA data_version').pluck();
  const revision = database.prepare("SELECT value FROM setting WHERE name = 'revision'").pluck();
  let seenData = dataVersion.get();
  let policy = loadPolicy(database, complain);
  let retryAt = 0;

  function reload(): void {
    if (Number(revision.get()) === policy.revision) return;
    policy = loadPolicy(database, complain);
    log.info({ revision: policy.revision, ...policy.size, mode: policy.mode }, 'policy loaded');
  }

  return {
    current() {
      try {
        const data = dataVersion.get();
        if (data !== seenData && Date.now() >= retryAt) {
          reload();
          seenData = data;
        }
      } catch (cause) {
        retryAt = Date.now() + RETRY; // one complaint now and then, not one for each call
        log.error({ err: cause }, 'policy: reload failed, the last good one stays in force');
      }
      return policy;
    },
  };
}
