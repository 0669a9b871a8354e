import { confirmedChoice, lastLoad, noteLoad } from './choice.ts';
import { type Lists, nextExpiry } from './lists.ts';
import { nftProgram } from './nft.ts';
import { listSets } from './nft-sets.ts';
import { blocksText, LIST_BLOCKS, NO_TABLE, setsText, tableText } from './nft-text.ts';
import type { Level } from './plan.ts';
import { isChosen, openPlanner, type PlannerParts, standingBlocks } from './planner.ts';
import { sameEnds } from './spans.ts';
import { claimRollback, currentTrial, endTrial, isOverdue, noteRollback } from './trial.ts';

/** Our table at this server's firewall. */
export interface Firewall {
  /** The level that was confirmed, or `off`; where none was ever chosen: `blocks`. */
  level(): Level | 'off';
  /** Whether our table stands. @throws Fault (nft missing, no privilege) */
  present(): Promise<boolean>;
  /**
   * Puts the table up as confirmed, in one transaction, in place of what stood, a trial included.
   * No-op when off. Unsound rules are left out and logged.
   */
  load(): Promise<void>;
  /**
   * Brings trust, deny and permit up to date: policy, country database, names, expiries; one
   * transaction with only the sets that differ from what this object loaded last.
   * @returns names of the sets that changed
   * @throws Fault where a rule is unsound, and then the sets stay as they are
   */
  syncSets(): Promise<string[]>;
  /** Brings the block sets up to date with the table `block`. */
  syncBlocks(): Promise<void>;
  /** When the next rule expires (ms since 1970), so that the sets must be made anew. */
  nextExpiry(): number | undefined;
  /** Rolls back an unconfirmed apply whose time is over (its own watcher died). */
  rollbackOverdue(): Promise<boolean>;
}

/**
 * Its methods may be called at any time: what must not happen at once waits its turn. Lists and
 * blocks have one each, as a list of 100 000 networks takes seconds, and a block must not wait; nft
 * begins anew by itself where another was quicker.
 */
export function openFirewall(parts: PlannerParts): Firewall {
  const { database, config, log } = parts;
  const nft = nftProgram(config.firewall.nft);
  const planner = openPlanner(parts);
  /** What this object loaded, and into which table. */
  let loaded: { readonly lists: Lists; readonly table: number } | undefined;
  const listsInTurn = turns();
  const blocksInTurn = turns();
  const alone = <T>(work: () => Promise<T>) => listsInTurn(() => blocksInTurn(work));

  /** Off, and no apply is on trial. */
  function isOff(): boolean {
    return (currentTrial(database)?.choice ?? confirmedChoice(database)).level === 'off';
  }

  async function load(): Promise<void> {
    const choice = confirmedChoice(database);
    if (isChosen(choice)) {
      const plan = await planner.plan(choice, 'lenient');
      await nft.load(tableText(plan));
      loaded = { lists: plan.lists, table: noteLoad(database, Date.now()).number };
      log.info({ firewall: choice.level }, 'firewall: loaded');
    } else if (currentTrial(database)) await nft.load([NO_TABLE]);
    endTrial(database);
  }

  async function syncSets(): Promise<string[]> {
    if (isOff()) return [];
    const table = lastLoad(database).number;
    const lists = await planner.lists();
    const before = loaded?.table === table ? listSets(loaded.lists) : undefined;
    const changed = listSets(lists).filter(
      ({ ends }, i) => !before || !sameEnds(ends, before[i]!.ends),
    );
    if (changed.length === 0) return [];
    await nft.load(setsText(changed));
    loaded = { lists, table };
    return changed.map(({ name }) => name);
  }

  async function syncBlocks(): Promise<void> {
    if (!isOff()) await nft.load(blocksText(standingBlocks(database)));
  }

  async function rollbackOverdue(): Promise<boolean> {
    const trial = currentTrial(database);
    const now = Date.now();
    if (!trial || !isOverdue(trial, now)) return false;
    if (!claimRollback(database, trial.token, now)) return false;
    await load();
    noteRollback(database, now);
    return true;
  }

  return {
    level: () => confirmedChoice(database).level,
    present: async () => (await nft.list(LIST_BLOCKS)) !== undefined,
    load: () => alone(load),
    syncSets: () => listsInTurn(syncSets),
    syncBlocks: () => blocksInTurn(syncBlocks),
    nextExpiry: () => nextExpiry(database, Date.now()),
    rollbackOverdue: () => alone(rollbackOverdue),
  };
}

/** @returns does one piece of work after the other */
function turns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work);
    last = next.catch(() => {});
    return next;
  };
}
