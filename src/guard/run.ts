import { parseAddress } from '../address/index.ts';
import { keepAmi } from '../ami/index.ts';
import { blocksRevision, deleteExpiredBlocks, listBlocks } from '../blocks/index.ts';
import { lastLoad } from '../firewall/index.ts';
import { repeat } from '../repeat.ts';
import { type Connections, connections } from './connections.ts';
import { BEAT, heartbeat } from './heartbeat.ts';
import { type GuardOptions, type GuardParts, openGuard, why } from './parts.ts';
import { logBlock } from './shut-out.ts';

/** Milliseconds between two looks at what other programs have written: two cheap questions. */
const LOOK = 250;
/** Milliseconds between two looks at rules, country database and expiries, for the firewall. */
const FOLLOW = 1_000;
/** Milliseconds between two looks whether our table still stands: others flush all of nftables. */
const STAND = 5_000;
const TIDY = 60_000;
/** Milliseconds that a look may take, with what it has the firewall do, before something hangs. */
const STUCK = 20_000;

/** A guard that runs. */
export interface Guard {
  /** Whether it has not been stopped. */
  running(): boolean;
  /** Whether it has lately looked at what there is to look at. */
  turns(): boolean;
  stop(): Promise<void>;
}

/**
 * Guards until it is stopped: a full look at each connection to Asterisk and every few minutes, its
 * events in between, and the firewall kept as rules, names and countries say.
 * @throws Fault where it can't start; that Asterisk is away is no reason
 */
export async function runGuard(options: GuardOptions): Promise<Guard> {
  const parts = await openGuard(options);
  const { log, config, dryRun } = options;
  const abort = new AbortController();
  const { signal } = abort;
  const on = connections(parts);
  const keeper = keepAmi(parts.account, log, on);
  const regularly = (every: number, what: string, work: () => void | Promise<void>) =>
    repeat({ every, what: `guard: ${what}`, signal, log }, work);
  const sweepEvery = config.guard.sweep_minutes * 60_000;

  const life = heartbeat(parts.database, on.connected);
  const lookAtDatabase = followDatabase(parts, on);
  let looked = performance.now();
  const running = [
    regularly(LOOK, 'looking for what others have written', async () => {
      looked = performance.now();
      await lookAtDatabase();
    }),
    regularly(FOLLOW, 'bringing the firewall up to date', followPolicy(parts, on)),
    regularly(sweepEvery, 'sweep', on.sweep),
    ...(dryRun
      ? []
      : [
          regularly(STAND, 'looking after the firewall', () => keepStanding(parts)),
          regularly(TIDY, 'tidying', () => void deleteExpiredBlocks(parts.database, Date.now())),
          regularly(BEAT, 'sign of life', life.beat),
        ]),
  ];
  log.info(
    { firewall: parts.firewall.level(), mode: parts.policy.current().mode, dryRun },
    'guard: ready',
  );

  /** Whoever is stopped is not missed. */
  function leave(): void {
    try {
      life.stop();
    } catch (cause) {
      log.warn(why(cause), 'guard: the database could not be told that it stops');
    }
  }

  return {
    running: () => !signal.aborted,
    turns: () => performance.now() - looked < STUCK,
    async stop() {
      log.info('guard: stopping');
      abort.abort();
      await keeper.stop();
      await Promise.all(running);
      await parts.watch.stop();
      if (!dryRun) leave();
      parts.close();
      log.info('guard: stopped');
    },
  };
}

/** Blocks that others make or lift, and calls that the server refuses. */
function followDatabase(parts: GuardParts, on: Connections): () => Promise<void> {
  const { watching, watch, strikes, enforce, options, refusedCalls } = parts;
  const dataVersion = watching.prepare('PRAGMA data_version').pluck();
  let seen: unknown;
  let callsDue = false;
  let revision = blocksRevision(watching);
  let blocks = blocksByName(parts);

  async function followBlocks(): Promise<void> {
    const now = blocksRevision(watching);
    if (now === revision) return;
    revision = now;
    const before = blocks;
    blocks = blocksByName(parts);
    for (const [counted, block] of blocks) {
      if (before.get(counted)?.createdAt === block.createdAt) continue;
      if (block.origin !== 'guard') logBlock(options.log, block);
    }
    for (const [counted, { source }] of before) {
      const address = parseAddress(source);
      if (!blocks.has(counted) && address) strikes.forget(address);
    }
    await enforce();
    watch.putOut();
  }

  return async () => {
    const data = dataVersion.get();
    if (data !== seen) {
      seen = data;
      callsDue = true;
      await followBlocks();
    }
    // Before the trunks are known nobody is blocked for what he did; what others block, is.
    if (!callsDue || !on.known()) return;
    callsDue = false;
    for (const call of refusedCalls()) watch.refusedCall(call);
  };
}

function blocksByName({ watching }: GuardParts) {
  return new Map(listBlocks(watching, Date.now()).map((block) => [block.counted, block]));
}

/** Milliseconds before what failed is tried again. */
const RETRY = 10_000;

/** The firewall's sets follow rules, names and countries; so do blocks and registrations. */
function followPolicy(parts: GuardParts, on: Connections): () => Promise<void> {
  const { watching, policy, country, firewall, shutOut, options } = parts;
  let seenPolicy = policy.current();
  let seenCountries = country.countries();
  // A table that others have loaded (an apply, a rollback) has the sets of when that was prepared.
  const loads = () => lastLoad(watching).number;
  let seenLoads = loads();
  let expiry = firewall.nextExpiry();
  let due = Number.POSITIVE_INFINITY;

  async function follow(): Promise<void> {
    shutOut.reconsider();
    if (!options.dryRun && firewall.level() !== 'off') {
      const sets = await firewall.syncSets();
      if (sets.length > 0) options.log.info({ sets }, 'guard: firewall brought up to date');
      await parts.enforce(); // a table that others loaded has the blocks of when that was prepared
    }
    await on.sweep();
  }

  return async () => {
    await country.refresh();
    const now = Date.now();
    const expired = expiry !== undefined && expiry <= now;
    const moved = policy.current() !== seenPolicy || country.countries() !== seenCountries;
    if (expired || moved || loads() !== seenLoads) {
      seenLoads = loads();
      seenPolicy = policy.current();
      seenCountries = country.countries();
      expiry = firewall.nextExpiry();
      due = now;
    }
    if (due > now) return;
    due = now + RETRY;
    await follow();
    due = Number.POSITIVE_INFINITY;
  };
}

async function keepStanding({ firewall, options: { log } }: GuardParts): Promise<void> {
  if (await firewall.rollbackOverdue()) {
    log.warn('firewall: the last apply was not confirmed: rolled back');
  }
  if (firewall.level() === 'off' || (await firewall.present())) return;
  log.warn('firewall: our table was gone (another program flushed nftables?): put up again');
  await firewall.load();
}
