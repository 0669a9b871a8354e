import type { Address } from '../address/index.ts';
import { type AmiAccount, amiAccount } from '../ami/index.ts';
import { coalesced } from '../coalesced.ts';
import type { Config } from '../config.ts';
import { type CountryData, countryPaths, openCountryData } from '../country/index.ts';
import { type Database, openDatabase } from '../database/index.ts';
import { Fault } from '../errors.ts';
import { type Firewall, openFirewall } from '../firewall/index.ts';
import { type Log, limited } from '../log.ts';
import { type LivePolicy, openPolicy, startNames } from '../policy/index.ts';
import { administrators } from './administrators.ts';
import { readPeers, resolvePeers } from './inventory.ts';
import { createJudge } from './judge.ts';
import { followRefusedCalls, type RefusedCall } from './refused-calls.ts';
import { createShutOut, type Found, type ShutOut } from './shut-out.ts';
import { createStrikes, type Strikes } from './strikes.ts';
import { createWatch, type Watch } from './watch.ts';

export interface GuardOptions {
  readonly config: Config;
  readonly log: Log;
  /** Says what it would do, and changes nothing. */
  readonly dryRun: boolean;
  /** From where whoever started it is logged in, where that is known. */
  readonly administrator: Address | undefined;
  /** Told of each source that should be shut out. */
  readonly found?: (found: Found) => void;
}

/** What stands behind both ways of guarding, `run` and `once`. */
export interface GuardParts {
  readonly options: GuardOptions;
  readonly account: AmiAccount;
  /** Written to by the guard. */
  readonly database: Database;
  /** Sees what others write, and the guard itself (PRAGMA data_version). */
  readonly watching: Database;
  readonly policy: LivePolicy;
  readonly country: CountryData;
  readonly firewall: Firewall;
  readonly watch: Watch;
  readonly shutOut: ShutOut;
  readonly strikes: Strikes;
  readonly refusedCalls: () => RefusedCall[];
  /** Brings the block sets up to date; what fails is logged. */
  enforce(): Promise<void>;
  close(): void;
}

/** What `Events` asks for: log-ins, and registrations. No call's events: they are many. */
const EVENTS = 'security,system';

/** @throws Fault where something can't be opened, the firewall included */
export async function openGuard(options: GuardOptions): Promise<GuardParts> {
  const { config, log, dryRun } = options;
  const account = amiAccount(config, EVENTS);
  const country = openCountryData(countryPaths(config), log);
  const database = openDatabase(config.databasePath);
  const watching = openDatabase(config.databasePath);
  // Not on `watching`: the policy there sees what other connections write.
  const names = startNames({ database, log, ...config.names });
  const close = () => {
    names.stop();
    watching.close();
    database.close();
  };
  try {
    const policy = openPolicy(watching, log);
    const firewall = openFirewall({ database, country, config, log });
    if (!dryRun) await putUp(firewall, log);

    const sessions = options.administrator ? [options.administrator] : [];
    const judge = createJudge({
      policy,
      country,
      trunks: () => watch.trunks(),
      administrators: () => [...sessions, ...administrators()],
    });
    const shutOut = createShutOut({
      ...{ config, database, judge, log, dryRun },
      found: options.found,
    });
    const window = config.guard.strike_minutes * 60_000;
    const strikes = createStrikes(config.guard.strikes, window);
    const complaints = limited(log);
    const enforce = coalesced(async () => {
      if (dryRun) return;
      try {
        await firewall.syncBlocks();
      } catch (cause) {
        complaints.warn(why(cause), 'guard: the firewall could not be brought up to date');
      }
    });
    const watch: Watch = createWatch({
      ...{ judge, shutOut, strikes, log, dryRun, enforce },
      read: (connection, configured) =>
        readPeers(connection, configured && { identifies: configured }),
      resolve: (peers) => resolvePeers(peers, names),
    });
    const refusedCalls = followRefusedCalls(watching, () => Date.now() - window);
    return {
      ...{ options, account, database, watching, policy, country, firewall },
      ...{ watch, shutOut, strikes, refusedCalls, enforce, close },
    };
  } catch (cause) {
    close();
    throw cause;
  }
}

/** Our table, so that there is something to block with; what stands is brought up to date. */
async function putUp(firewall: Firewall, log: Log): Promise<void> {
  if (firewall.level() === 'off') {
    const what = 'strangers are put out of Asterisk, but their packets are not dropped';
    log.warn(`firewall: off; ${what}`);
  } else if (await firewall.present()) {
    await firewall.syncSets();
    await firewall.syncBlocks();
  } else await firewall.load();
}

export function why(cause: unknown): object {
  return cause instanceof Fault ? { fault: cause.message } : { err: cause };
}
