import { alertsWaiting } from '../alerts/waiting.ts';
import { standingBlocks } from '../blocks/index.ts';
import type { Database } from '../database/index.ts';
import { Fault } from '../errors.ts';
import { isAlive, readHeartbeat } from '../guard/heartbeat.ts';
import {
  guardProblems,
  isGuardEnabled,
  mailProblems,
  type Problem,
  problem,
} from '../health/index.ts';
import { callCounts } from '../journal/index.ts';
import { countRules, getMode, listDomains, listExtensions, loadPolicy } from '../policy/index.ts';
import type { Session } from './session.ts';

const DAY = 86_400_000;

/** What the database knows, and what is wrong in it. @throws SQLite's error where it can't be read */
export function databaseFacts({ config }: Session, database: Database) {
  const now = Date.now();
  const heartbeat = readHeartbeat(database);
  const facts = {
    mode: getMode(database),
    rules: countRules(database),
    extensions: listExtensions(database).length,
    domains: listDomains(database).length,
    lastDay: callCounts(database, now - DAY),
    blocks: standingBlocks(database, now),
    mail: { to: config.mail.to, waiting: alertsWaiting(database) },
    /** null: none has ever run. */
    guard: heartbeat
      ? {
          running: isAlive(heartbeat, now),
          since: iso(heartbeat.since),
          seen: iso(heartbeat.at),
          away: heartbeat.away === null ? null : iso(heartbeat.away),
        }
      : null,
  };
  const problems = [
    ...policyProblems(database),
    ...mailProblems(database, config.mail.to, now),
    ...guardProblems(heartbeat, isGuardEnabled(), now),
  ];
  return { facts, problems };
}

/** As the server would load them. */
function policyProblems(database: Database): Problem[] {
  const problems: Problem[] = [];
  try {
    loadPolicy(database, (complaint) => problems.push(problem('policy-entry', complaint)));
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    problems.push(problem('policy-unsound', cause.message));
  }
  return problems;
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
