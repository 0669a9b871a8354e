import type { BlockFacts } from '../blocks/index.ts';
import type { Database } from '../database/index.ts';
import type { AlertFacts } from '../journal/index.ts';

/** Refused strangers or blocks of one network that nobody has been told of yet. Times in milliseconds since 1970, UTC. */
export interface WaitingAlerts {
  /** IPv4 address or IPv6 /64; empty for calls without an address. */
  readonly counted: string;
  readonly count: number;
  readonly first: number;
  readonly last: number;
  /** When the next mail may go out that tells of them. */
  readonly dueAt: number;
  /** How often the mail they are in has been tried; 0 where it has not been composed. */
  readonly attempts: number;
  /** Of the last of them. */
  readonly facts: AlertFacts | BlockFacts;
}

/** What waits in the outbox, the network that is due first in front. */
export function listWaiting(database: Database): WaitingAlerts[] {
  const rows = database
    .prepare(
      `SELECT waiting.*, newest.facts FROM
         (SELECT alert.counted, count(*) AS count, min(alert.created_at) AS first,
                 max(alert.created_at) AS last, min(coalesce(mail.due_at, alert.due_at)) AS dueAt,
                 coalesce(max(mail.attempts), 0) AS attempts, max(alert.id) AS newest
          FROM alert LEFT JOIN mail ON mail.id = alert.mail_id
          WHERE mail.sent_at IS NULL GROUP BY alert.kind, alert.counted) AS waiting
       JOIN alert AS newest ON newest.id = waiting.newest ORDER BY dueAt, first`,
    )
    .all() as (Omit<WaitingAlerts, 'facts'> & { newest: number; facts: string })[];
  return rows.map(({ newest: _, facts, ...row }) => ({ ...row, facts: JSON.parse(facts) }));
}

/** How many refused strangers are waiting to be told of. */
export function alertsWaiting(database: Database): number {
  return database
    .prepare(
      // Two counts, each by an index alone: this is asked for again and again.
      `SELECT (SELECT count(*) FROM alert WHERE mail_id IS NULL)
         + (SELECT count(*) FROM alert
            WHERE mail_id IN (SELECT id FROM mail WHERE sent_at IS NULL))`,
    )
    .pluck()
    .get() as number;
}
