import type { Database } from '../database/index.ts';
import { fault } from '../errors.ts';
import { confirmedChoice, noteLoad, storeChoice } from './choice.ts';
import type { Nft } from './nft.ts';
import { blocksText, NO_TABLE, tableText } from './nft-text.ts';
import type { NftPlan } from './plan.ts';
import { type Chosen, isChosen, type Planner, standingBlocks } from './planner.ts';
import {
  beginTrial,
  claimRollback,
  currentTrial,
  endTrial,
  noteRollback,
  type Trial,
} from './trial.ts';

/** Begins to watch over a trial, in a process of its own that outlives ours. */
export type StartWatcher = (
  trial: Trial,
  rollback: string,
) => Promise<{
  /** Ends it, with nothing rolled back. */
  stop(): void;
}>;

export interface ApplyParts {
  readonly database: Database;
  readonly nft: Nft;
  readonly startWatcher: StartWatcher;
}

/**
 * Puts the plan in place of what stands, on trial. The watcher is ready before the swap: whatever
 * becomes of us, of the terminal and of the SSH session, an apply that is not confirmed goes.
 * @param rollback what it goes back to, as {@link rollbackText} gives it
 * @throws Fault, and then what stood before stands
 */
export async function applyOnTrial(
  { database, nft, startWatcher }: ApplyParts,
  choice: Chosen,
  plan: NftPlan,
  rollback: string,
): Promise<Trial> {
  const trial = beginTrial(database, choice, Date.now());
  let watcher: Awaited<ReturnType<StartWatcher>> | undefined;
  try {
    watcher = await startWatcher(trial, rollback);
    await nft.load(tableText(plan));
  } catch (cause) {
    watcher?.stop();
    endTrial(database, trial.token);
    throw cause;
  }
  noteLoad(database, Date.now());
  const still = currentTrial(database);
  if (still?.token !== trial.token || still.rolling > 0) {
    // Rolled back before we had loaded what was to be rolled back: so once more.
    await nft.load([rollback]);
    noteLoad(database, Date.now());
    throw fault('firewall-overtaken');
  }
  return trial;
}

/** What an apply goes back to: what was confirmed, or nothing, where that is what stood. */
export async function rollbackText(
  database: Database,
  planner: Planner,
  present: boolean,
): Promise<string> {
  const choice = confirmedChoice(database);
  const stood = choice.chosen || present;
  if (!stood || !isChosen(choice)) return NO_TABLE;
  return [...tableText(await planner.plan(choice, 'lenient'))].join('');
}

/** Milliseconds between two tries, where database or kernel can't be had. */
const AGAIN = 1_000;

/**
 * Rolls a trial back, unless it was confirmed or ended: for the watcher, who does not give up.
 * @param pause waits so many milliseconds
 */
export async function rollBack(
  { database, nft }: Pick<ApplyParts, 'database' | 'nft'>,
  token: string,
  rollback: string,
  pause: (milliseconds: number) => Promise<void>,
): Promise<void> {
  const untilDone = async <T>(work: () => T | Promise<T>): Promise<T> => {
    for (;;) {
      try {
        return await work();
      } catch {
        await pause(AGAIN);
      }
    }
  };
  if (!(await untilDone(() => claimRollback(database, token, Date.now())))) return;
  await untilDone(() => nft.load([rollback]));
  await untilDone(() => {
    noteLoad(database, Date.now());
    noteRollback(database, Date.now());
  });
  // Blocks that were made meanwhile.
  if (rollback !== NO_TABLE) await untilDone(() => nft.load(blocksText(standingBlocks(database))));
  await untilDone(() => endTrial(database, token));
}

/**
 * Takes our table away, for good, and whatever is on trial with it.
 * @throws Fault, and then nothing was changed
 */
export async function switchOff({
  database,
  nft,
}: Omit<ApplyParts, 'startWatcher'>): Promise<void> {
  await nft.check([NO_TABLE]);
  database
    .transaction(() => {
      if ((currentTrial(database)?.rolling ?? 0) > 0) throw fault('firewall-rolling');
      endTrial(database);
      storeChoice(database, { ...confirmedChoice(database), level: 'off' });
    })
    .immediate();
  await nft.load([NO_TABLE]);
  noteLoad(database, Date.now());
}
