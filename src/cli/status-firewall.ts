import type { Database } from '../database/index.ts';
import { Fault } from '../errors.ts';
import { confirmedChoice } from '../firewall/choice.ts';
import { nftProgram } from '../firewall/nft.ts';
import { LIST_BLOCKS } from '../firewall/nft-text.ts';
import { currentTrial, secondsLeft } from '../firewall/trial.ts';
import { isAlive, readHeartbeat } from '../guard/heartbeat.ts';
import { type Problem, problem } from '../health/index.ts';
import type { Session } from './session.ts';

/** What was chosen for the firewall, and whether it stands; null where that can't be seen. */
export async function firewallFacts(
  { config }: Session,
  database: Database,
  problems: Problem[],
  notes: string[],
) {
  try {
    const now = Date.now();
    const { level, chosen } = confirmedChoice(database);
    const trial = currentTrial(database);
    const left = trial ? secondsLeft(trial, now) : null;
    if (left !== null) notes.push(`an apply of the firewall is on trial for ${left} s more`);
    // Where nothing was chosen, a guard that runs puts the table up.
    const heartbeat = readHeartbeat(database);
    const wanted = level !== 'off' && (chosen || (heartbeat && isAlive(heartbeat, now)));
    const stands = wanted && left === null ? await isStanding(config.firewall.nft, notes) : null;
    if (stands === false) problems.push(problem('firewall-absent', level));
    return { level, chosen, stands, trial: left };
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    problems.push(problem('firewall-unknown', cause.message));
    return null;
  }
}

/** @throws Fault where nft can't be asked for another reason than who asks */
async function isStanding(program: string, notes: string[]): Promise<boolean | null> {
  try {
    return (await nftProgram(program).list(LIST_BLOCKS)) !== undefined;
  } catch (cause) {
    if (!(cause instanceof Fault) || cause.code !== 'firewall-privilege') throw cause;
    notes.push('whether the firewall stands, root alone can see');
    return null;
  }
}
