import type { ServerState } from '../agi/index.ts';
import type { Parts } from './parts.ts';

/** What the server itself knows to be wrong. */
type OwnProblem = 'policy-stale' | 'journal-waiting';

/**
 * How the server is, for whoever asks.
 * @param started milliseconds since 1970
 */
export function stateOf(
  { screenParts, databaseFile }: Parts,
  started: number,
): Omit<ServerState, 'problems'> & { readonly problems: readonly OwnProblem[] } {
  const { policy, journal } = screenParts;
  const { mode, revision } = policy.current();
  const problems: OwnProblem[] = [];
  if (policy.failing()) problems.push('policy-stale');
  if (journal.status().waiting > 0) problems.push('journal-waiting');
  return { mode, revision, started, database: databaseFile, problems };
}
