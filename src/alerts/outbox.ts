import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Database } from '../database/index.ts';
import { type MailContents, readContents } from './contents.ts';

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
  contents(mail: number, most: number): Promise<MailContents>;
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

/**
 * Alerts handled in one transaction: a few milliseconds, then calls are looked at again. Of a flood
 * from everywhere each is on pages of its own in the indexes.
 */
const BATCH = 100;
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

  const markSent = database.prepare('UPDATE mail SET sent_at = ? WHERE id = ?');
  const markFailed = database.prepare(
    'UPDATE mail SET attempts = attempts + 1, due_at = ?, withheld = max(withheld, ?) WHERE id = ?',
  );
  const recover = database.transaction((now: number) => {
    database.prepare('UPDATE mail SET due_at = ? WHERE sent_at IS NULL').run(now);
    database.prepare('DELETE FROM alert_window WHERE until > ?').run(now + window);
    database
      .prepare(
        `UPDATE alert SET due_at = @now WHERE mail_id IS NULL AND due_at > @now
           AND (due_at > @now + @window OR created_at > @now)`,
      )
      .run({ now, window });
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
    contents: (mail, most) => readContents(database, mail, most),
    sent: (mail, now) => void markSent.run(now, mail),
    failed: (mail, retryAt, withhold) => void markFailed.run(retryAt, withhold ? 1 : 0, mail),
    recover: (now) => recover.immediate(now),
    tidy,
  };
}
