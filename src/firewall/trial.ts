import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import type { Database } from '../database/index.ts';
import { fault } from '../errors.ts';
import {
  type Choice,
  choiceShape,
  deleteSetting,
  readSetting,
  storeChoice,
  writeSetting,
} from './choice.ts';

// An apply is on trial until it is confirmed. What becomes of it is decided in the database, in one
// transaction each, so that of confirm, `off`, the watcher and its stand-in exactly one has its way.

/** Seconds in which an apply must be confirmed. */
export const TRIAL = 60;

/** Milliseconds after which somebody else may end a trial whose watcher has not. */
const OVERDUE = 5_000;
/** The same, for one that had begun to roll back: nft may take its time. */
const STUCK = 60_000;

const trialShape = v.strictObject({
  /** Tells this trial from others. */
  token: v.string(),
  choice: choiceShape,
  /** Milliseconds since 1970. */
  until: v.number(),
  /** Since when it is being rolled back, else 0: it is too late then to confirm. */
  rolling: v.number(),
});

/** An apply that waits for its confirm. */
export type Trial = Readonly<v.InferOutput<typeof trialShape>>;

export function currentTrial(database: Database): Trial | undefined {
  return readSetting(database, 'firewall_trial', trialShape);
}

/** @throws Fault where one is on already */
export function beginTrial(database: Database, choice: Choice, now: number): Trial {
  return database
    .transaction(() => {
      const other = currentTrial(database);
      if (other) throw fault('firewall-pending', secondsLeft(other, now));
      const { level, options } = choice;
      const kept = { level, options, ssh: [...choice.ssh], own: [...choice.own] };
      const until = now + TRIAL * 1_000;
      const trial = { token: randomUUID(), choice: kept, until, rolling: 0 };
      writeSetting(database, 'firewall_trial', trial);
      return trial;
    })
    .immediate();
}

export function secondsLeft(trial: Trial, now: number): number {
  return Math.max(0, Math.ceil((trial.until - now) / 1_000));
}

/** The choice on trial becomes the confirmed one. @throws Fault where it is too late, or none is on */
export function confirmTrial(database: Database): Choice {
  return database
    .transaction(() => {
      const trial = currentTrial(database);
      if (!trial) throw fault('firewall-not-pending');
      if (trial.rolling > 0) throw fault('firewall-rolling');
      storeChoice(database, trial.choice);
      deleteSetting(database, 'firewall_trial');
      return trial.choice;
    })
    .immediate();
}

/**
 * Takes it upon the caller to roll the trial back; {@link endTrial} must follow.
 * @returns false where it was confirmed, ended, or is another's to roll back
 */
export function claimRollback(database: Database, token: string, now: number): boolean {
  return database
    .transaction(() => {
      const trial = currentTrial(database);
      if (trial?.token !== token || (trial.rolling > 0 && now - trial.rolling < STUCK))
        return false;
      writeSetting(database, 'firewall_trial', { ...trial, rolling: now });
      return true;
    })
    .immediate();
}

/** Whether nobody seems to be left to roll it back. */
export function isOverdue(trial: Trial, now: number): boolean {
  return trial.rolling > 0 ? now - trial.rolling >= STUCK : now - trial.until >= OVERDUE;
}

/** Whatever trial is on is over, or only that of the token. */
export function endTrial(database: Database, token?: string): void {
  database
    .transaction(() => {
      if (token !== undefined && currentTrial(database)?.token !== token) return;
      deleteSetting(database, 'firewall_trial');
    })
    .immediate();
}

const rollbackShape = v.strictObject({ at: v.number() });

export function noteRollback(database: Database, at: number): void {
  writeSetting(database, 'firewall_rollback', { at });
}

/** When an apply was last rolled back because nobody confirmed it. */
export function lastRollback(database: Database): number | undefined {
  return readSetting(database, 'firewall_rollback', rollbackShape)?.at;
}

/** Whether the trial of the token waits for its confirm still. */
export function trialStands(database: Database, token: string): boolean {
  return currentTrial(database)?.token === token;
}
