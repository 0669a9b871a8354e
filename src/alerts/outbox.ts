import { setImmediate as nextTurn } from 'node:timers/promises';
import type { BlockFacts } from '../blocks/index.ts';
import type { Database } from '../database/index.ts';
import type { AlertFacts } from '../journal/index.ts';

/** A mail that has been composed and not yet been accepted. Times in milliseconds since 1970, UTC. */
export interface WaitingMail {
  readonly id: number;
  readonly createdAt: number;
  /** How often it has been tried. */
  readonly attempts: number;
  readonly dueAt: number;
  /** Caller text is left out, as a mail server refused the mail with it. */
  readonly withheld: boolean;
}

/** What a mail tells of one network: its calls that were refused, or that it was blocked. */
export type AlertGroup = {
  /** IPv4 address or IPv6 /64; empty for calls without an address. */
  readonly counted: string;
  readonly count: number;
  readonly first: number;
  readonly last: number;
  // `facts` are those of the last of them.
} & (
  | { readonly kind: 'call'; readonly facts: AlertFacts }
  | { readonly kind: 'block'; readonly facts: BlockFacts }
);

export interface MailContents {
  /** Refused calls and blocks together. */
  readonly total: number;
  readonly blocks: number;
  /** How many groups there are, shown or not. */
  readonly networks: number;
  /** Blocks first, then the networks with the most calls; not more than were asked for. */
  readonly groups: readonly AlertGroup[];
}

export interface OutboxLimits {
  readonly perHour: number;
  /** Milliseconds in which a network's repeats wait for one digest. */
  readonly window: number;
}

/** What waits for mail: tables alert, mail and alert_window. */
export interface Outbox {
  /** The mail to send, or to try again, next; there is never more than one. */
  waiting(): WaitingMail | undefined;
  /** Puts all alerts that are due into a new mail, if the hour has room for one. */
  compose(now: number): Promise<WaitingMail | undefined>;
  contents(mail: number, most: number): MailContents;
  sent(mail: number, now: number): void;
  failed(mail: number, retryAt: number, withhold: boolean): void;
  /**
   * After a start, or when the clock was set back: tries again at once, and mends what a changed
   * clock or window left.
   */
  recover(now: number): void;
  /** Deletes what nobody needs any more, a little at a time. */
  tidy(now: number): Promise<void>;
}

/** Alerts handled in one transaction: a few milliseconds, then calls are looked at again. */
const BATCH = 500;
const HOUR = 3_600_000;
/** How long a sent mail is remembered: longer than the hour in which it counts. */
const MEMORY = 24 * HOUR;

export function openOutbox(database: Database, { perHour, window }: OutboxLimits): Outbox {
  const nextMail = database.prepare(
    `SELECT id, created_at AS createdAt, attempts, due_at AS dueAt, withheld
     FROM mail WHERE sent_at IS NULL ORDER BY id LIMIT 1`,
  );
  const sentBetween = database
    .prepare('SELECT count(*) FROM mail WHERE sent_at > ? AND sent_at <= ?')
    .pluck();
  const isDue = database
    .prepare('SELECT EXISTS (SELECT 1 FROM alert WHERE mail_id IS NULL AND due_at <= ?)')
    .pluck();
  const insertMail = database.prepare('INSERT INTO mail (created_at, due_at) VALUES (?, ?)');
  const takeAlerts = database.prepare(
    `UPDATE alert SET mail_id = ? WHERE id IN
       (SELECT id FROM alert WHERE mail_id IS NULL AND due_at <= ? ORDER BY due_at LIMIT ${BATCH})
     RETURNING counted`,
  );
  const openWindow = database.prepare(
    `INSERT INTO alert_window (counted, until) VALUES (?, ?)
     ON CONFLICT (counted) DO UPDATE SET until = excluded.until`,
  );

  function waiting(): WaitingMail | undefined {
    const row = nextMail.get() as
      | (Omit<WaitingMail, 'withheld'> & { withheld: number })
      | undefined;
    return row && { ...row, withheld: row.withheld === 1 };
  }

  const take = database.transaction((mail: number | undefined, now: number) => {
    const id = mail ?? Number(insertMail.run(now, now).lastInsertRowid);
    const taken = takeAlerts.all(id, now) as { counted: string }[];
    const networks = new Set(taken.map((alert) => alert.counted));
    for (const counted of networks) openWindow.run(counted, now + window);
    return { id, count: taken.length };
  });

  async function compose(now: number): Promise<WaitingMail | undefined> {
    if ((sentBetween.get(now - HOUR, now) as number) >= perHour) return undefined;
    if (!isDue.get(now)) return undefined;
    let { id, count } = take.immediate(undefined, now);
    while (count === BATCH) {
      await nextTurn();
      ({ count } = take.immediate(id, now));
    }
    return waiting();
  }

  const totals = database.prepare(
    `SELECT count(*) AS total, count(*) FILTER (WHERE kind = 'block') AS blocks,
       count(DISTINCT kind || counted) AS networks
     FROM alert WHERE mail_id = ?`,
  );
  const groups = database.prepare(
    `SELECT grouped.*, alert.facts FROM
       (SELECT kind, counted, count(*) AS count, min(created_at) AS first, max(created_at) AS last,
               max(id) AS newest
        FROM alert WHERE mail_id = ? GROUP BY kind, counted
        ORDER BY kind, count DESC, newest DESC LIMIT ?) AS grouped
     JOIN alert ON alert.id = grouped.newest ORDER BY kind, count DESC, newest DESC`,
  );

  function contents(mail: number, most: number): MailContents {
    const rows = groups.all(mail, most) as { facts: string }[];
    return {
      ...(totals.get(mail) as Omit<MailContents, 'groups'>),
      groups: rows.map(({ facts, ...row }) => ({
        ...row,
        facts: JSON.parse(facts),
      })) as AlertGroup[],
    };
  }

  const markSent = database.prepare('UPDATE mail SET sent_at = ? WHERE id = ?');
  const markFailed = database.prepare(
    'UPDATE mail SET attempts = attempts + 1, due_at = ?, withheld = max(withheld, ?) WHERE id = ?',
  );
  const recover = database.transaction((now: number) => {
    database.prepare('UPDATE mail SET due_at = ? WHERE sent_at IS NULL').run(now);
    database.prepare('DELETE FROM alert_window WHERE until > ?').run(now + window);
    database
      .prepare(
        'UPDATE alert SET due_at = ? WHERE mail_id IS NULL AND (due_at > ? OR created_at > ?)',
      )
      .run(now, now + window, now);
  });

  const deleteTold = database.prepare(
    `DELETE FROM alert WHERE id IN (SELECT alert.id FROM mail JOIN alert ON alert.mail_id = mail.id
       WHERE mail.sent_at IS NOT NULL LIMIT ${BATCH})`,
  );
  const deleteWindows = database.prepare(
    `DELETE FROM alert_window WHERE counted IN
       (SELECT counted FROM alert_window WHERE until < ? LIMIT ${BATCH})`,
  );
  // The newest stays, so that no id, and no Message-ID, is given twice.
  const deleteMails = database.prepare(
    'DELETE FROM mail WHERE sent_at < ? AND id < (SELECT max(id) FROM mail)',
  );

  async function tidy(now: number): Promise<void> {
    while (deleteTold.run().changes === BATCH) await nextTurn();
    while (deleteWindows.run(now).changes === BATCH) await nextTurn();
    deleteMails.run(now - MEMORY);
  }

  return {
    waiting,
    compose,
    contents,
    sent: (mail, now) => void markSent.run(now, mail),
    failed: (mail, retryAt, withhold) => void markFailed.run(retryAt, withhold ? 1 : 0, mail),
    recover: (now) => recover.immediate(now),
    tidy,
  };
}
