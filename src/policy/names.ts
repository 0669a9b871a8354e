import { Resolver } from 'node:dns/promises';
import {
  type Address,
  addressFromBytes,
  bytesOf,
  compareAddresses,
  formatAddress,
  parseAddress,
} from '../address/index.ts';
import type { Database } from '../database/index.ts';
import type { Log } from '../log.ts';

/** Milliseconds that one DNS server is given, and how often it is asked. */
const DNS_TIMEOUT = 3_000;
const DNS_TRIES = 2;

/** Names asked for at the same time: a rule set of thousands must not flood the DNS server. */
const AT_ONCE = 16;

export interface NamesOptions {
  /** A connection of its own, so that the call server's sees the change. */
  readonly database: Database;
  readonly log: Log;
  /** DNS servers as `address` or `address:port`; empty: the system's. */
  readonly servers: readonly string[];
  /** Seconds from one round to the next. */
  readonly interval: number;
  /** Milliseconds that a DNS server is given at first; twice as many when it is asked again. */
  readonly timeout?: number;
}

export interface Names {
  /** Resolves `names`, else every host name that a rule mentions, once. Never throws. */
  refresh(names?: readonly string[]): Promise<void>;
  /**
   * The addresses of a name that no rule mentions, sorted; the last good ones while DNS fails, none
   * where it has none. Never throws.
   */
  lookUp(name: string): Promise<readonly Address[]>;
  stop(): void;
}

/**
 * Keeps `resolved_name` up to date in the background. Both families are asked for; a name keeps
 * its last good addresses while DNS fails or answers nothing, so that a trusted provider is not
 * shut out by an outage.
 */
export function startNames(options: NamesOptions): Names {
  const resolver = new Resolver({ timeout: options.timeout ?? DNS_TIMEOUT, tries: DNS_TRIES });
  if (options.servers.length > 0) resolver.setServers([...options.servers]);
  const lookedUp = new Map<string, readonly Address[]>();
  let stopped = false;
  let running: Promise<void> | undefined;

  async function round(names: readonly string[]): Promise<void> {
    for (let i = 0; i < names.length && !stopped; i += AT_ONCE) {
      await Promise.all(names.slice(i, i + AT_ONCE).map(resolveAndStore));
    }
    if (!stopped) forgetUnused(options.database);
  }

  async function resolveAndStore(name: string): Promise<void> {
    const known = resolvedAddresses(options.database, name);
    const addresses = await resolveName(resolver, name, known);
    if (stopped) return;
    if (addresses.length === 0) options.log.warn({ name }, 'names: no answer, last one is kept');
    else if (storeAddresses(options.database, name, known, addresses, Date.now())) {
      options.log.info({ name, addresses: addresses.length }, 'names: addresses changed');
    }
  }

  function refresh(names?: readonly string[]): Promise<void> {
    running ??= Promise.resolve()
      .then(() => (stopped ? undefined : round(names ?? ruleNames(options.database))))
      .catch((cause) => options.log.error({ err: cause }, 'names: refresh failed'))
      .finally(() => {
        running = undefined;
      });
    return running;
  }

  const timer = setInterval(() => void refresh(), options.interval * 1_000);
  timer.unref();
  return {
    refresh,
    async lookUp(name) {
      const addresses = await resolveName(resolver, name, lookedUp.get(name) ?? []);
      lookedUp.set(name, addresses);
      return addresses;
    },
    stop() {
      stopped = true;
      clearInterval(timer);
      resolver.cancel();
    },
  };
}

/**
 * @param known the last good addresses: they stand in for a family whose question failed
 * @returns the addresses of both families, sorted; none where the name has none
 */
async function resolveName(
  resolver: Resolver,
  name: string,
  known: readonly Address[],
): Promise<Address[]> {
  const ask = async (family: 4 | 6): Promise<Address[]> => {
    try {
      const texts = await (family === 4 ? resolver.resolve4(name) : resolver.resolve6(name));
      return texts.map(parseAddress).filter((address) => address !== undefined);
    } catch (cause) {
      const none = ['ENODATA', 'ENOTFOUND'].includes((cause as NodeJS.ErrnoException).code ?? '');
      return none ? [] : known.filter((address) => address.family === family);
    }
  };
  const [v4, v6] = await Promise.all([ask(4), ask(6)]);
  return [...v4, ...v6].sort(compareAddresses);
}

/** The last good addresses of a name. */
export function resolvedAddresses(database: Database, name: string): Address[] {
  const rows = database.prepare('SELECT address FROM resolved_name WHERE name = ?').pluck();
  return (rows.all(name) as Buffer[]).map(addressFromBytes);
}

function ruleNames(database: Database): string[] {
  return database
    .prepare("SELECT DISTINCT subject FROM rule WHERE kind = 'name'")
    .pluck()
    .all() as string[];
}

/** @returns whether the addresses differ from those kept; only then is the policy moved */
function storeAddresses(
  database: Database,
  name: string,
  known: readonly Address[],
  addresses: readonly Address[],
  now: number,
): boolean {
  const fresh = new Set(addresses.map(formatAddress));
  if (fresh.size === known.length && known.every((a) => fresh.has(formatAddress(a)))) return false;
  database.transaction(() => {
    database.prepare('DELETE FROM resolved_name WHERE name = ?').run(name);
    const insert = database.prepare(
      'INSERT OR IGNORE INTO resolved_name (name, address, resolved_at) VALUES (?, ?, ?)',
    );
    for (const address of addresses) insert.run(name, bytesOf(address), now);
  })();
  return true;
}

function forgetUnused(database: Database): void {
  database
    .prepare(
      "DELETE FROM resolved_name WHERE name NOT IN (SELECT subject FROM rule WHERE kind = 'name')",
    )
    .run();
}
