import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Heartbeat, isAlive } from '../guard/heartbeat.ts';
import { localMinute } from './checks.ts';
import { type Problem, problem } from './problem.ts';

/** Milliseconds without a connection that are no trouble yet: Asterisk is being restarted. */
const AWAY = 120_000;

/** Where systemd notes that it starts a service at boot. */
const ENABLED = 'etc/systemd/system/multi-user.target.wants/ipcountry-guard.service';

/** Whether systemd is to run the guard. @param root where this host's file system begins */
export function isGuardEnabled(root = '/'): boolean {
  return existsSync(join(root, ENABLED));
}

/**
 * Whether the guard is missed: one that systemd should run, or that died. One that was stopped, and
 * that nobody starts at boot, is not.
 * @param enabled whether systemd is to run it
 */
export function guardProblems(
  heartbeat: Heartbeat | undefined,
  enabled: boolean,
  now: number,
): Problem[] {
  if (heartbeat && isAlive(heartbeat, now)) {
    const { away } = heartbeat;
    const lost = away !== null && now - away > AWAY;
    return lost ? [problem('guard-away', localMinute(away))] : [];
  }
  const missed = enabled || (heartbeat !== undefined && !heartbeat.stopped);
  return missed ? [problem('guard-stopped', heartbeat ? localMinute(heartbeat.at) : '')] : [];
}
