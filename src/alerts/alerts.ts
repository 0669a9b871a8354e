import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '../database/index.ts';
import { Fault, type FaultCode, fault } from '../errors.ts';
import type { Log } from '../log.ts';
import { type Letter, MOST_GROUPS, writeLetter } from './letter.ts';
import { openOutbox, type WaitingMail } from './outbox.ts';
import { createTransport, type MailConfig, type Timeouts } from './transport.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Milliseconds between two looks at the outbox: a look-up in an index. */
const POLL = 1_000;
/** Milliseconds to the next try: doubled from the first of these to the second. */
const BACK_OFF = [30_000, 15 * MINUTE] as const;
/** What waiting does not mend: tried again slowly, as a person must do something first. */
const SLOW: ReadonlySet<FaultCode> = new Set<FaultCode>([
  'mail-certificate',
  'mail-content',
  'mail-login',
  'mail-refused',
  'mail-tls',
]);

export interface AlertsOptions {
  readonly database: Database;
  readonly mail: MailConfig;
  readonly log: Log;
  /** Milliseconds since 1970, UTC. */
  readonly now?: () => number;
  readonly timeouts?: Timeouts;
  /** Counted up with each mail that goes out, or does not. */
  readonly counts?: { sent: number; failed: number };
}

/** Mails refused strangers from the outbox. */
export interface Alerts {
  start(): void;
  /** Sends all that is due now; what fails stays for its next try. */
  flush(): Promise<void>;
  /** Gives up a mail that is just being sent; it goes out after the next start. */
  stop(): Promise<void>;
}

/** @throws Fault where the configuration can't be used */
export function createAlerts(options: AlertsOptions): Alerts {
  const { database, mail: config, log, now = Date.now } = options;
  const counts = options.counts ?? { sent: 0, failed: 0 };
  const outbox = openOutbox(database, {
    perHour: config.per_hour,
    window: config.digest_minutes * MINUTE,
  });
  const transport = createTransport(config, options.timeouts);
  const host = hostname();
  const end = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let round = Promise.resolve();
  let looked = Number.POSITIVE_INFINITY; // at what time, last

  function look(): void {
    const at = now();
    // At the start; and where the clock was set back, as all that waits is due by the old time.
    if (at < looked) attempt(() => outbox.recover(at));
    looked = at;
    void flush().then(() => {
      if (!end.signal.aborted) timer = setTimeout(look, POLL).unref();
    });
  }

  /** One round after the other, whoever asks for it. */
  function flush(): Promise<void> {
    round = round.then(sendDue).catch((cause) => {
      // Most of all a database that is busy: the next look tries again.
      log.warn({ err: cause }, 'alerts: the outbox could not be worked on');
    });
    return round;
  }

  async function sendDue(): Promise<void> {
    while (!end.signal.aborted && config.to.length > 0) {
      const mail = outbox.waiting() ?? (await outbox.compose(now()));
      if (!mail || mail.dueAt > now()) return;
      await send(mail);
    }
  }

  async function send(mail: WaitingMail): Promise<void> {
    const contents = await outbox.contents(mail.id, MOST_GROUPS);
    if (contents.total === 0) return outbox.sent(mail.id, now()); // its alerts were deleted by hand
    try {
      const refused = await transport.deliver(writeLetter(contents, mail, host), end.signal);
      counts.sent++;
      await insist(() => outbox.sent(mail.id, now()));
      log.info(
        { mail: mail.id, strangers: contents.total - contents.blocks, blocks: contents.blocks },
        'alerts: mail sent',
      );
      if (refused.length > 0) log.error({ mail: mail.id, refused }, 'alerts: recipients refused');
      await outbox.tidy(now());
    } catch (cause) {
      if (!(cause instanceof Fault)) throw cause;
      if (end.signal.aborted) return;
      counts.failed++;
      fail(mail, cause);
    }
  }

  function fail(mail: WaitingMail, cause: Fault): void {
    // A server that refuses what callers wrote must not be a way for them to silence the mails.
    const withhold = cause.code === 'mail-content' && !mail.withheld;
    const slow = SLOW.has(cause.code);
    const [first, most] = BACK_OFF;
    const pause = slow ? HOUR : Math.min(first * 2 ** mail.attempts, most);
    outbox.failed(mail.id, withhold ? now() : now() + pause, withhold);
    const fields = { mail: mail.id, attempts: mail.attempts + 1, code: cause.code };
    log[slow ? 'error' : 'warn']({ ...fields, reason: cause.message }, 'alerts: mail not sent');
  }

  /** The mail is out: if this is not noted, it goes out again. */
  async function insist(note: () => void): Promise<void> {
    while (!attempt(note)) {
      if (end.signal.aborted) return;
      await delay(200);
    }
  }

  function attempt(action: () => void): boolean {
    try {
      action();
      return true;
    } catch (cause) {
      log.warn({ err: cause }, 'alerts: the outbox could not be written');
      return false;
    }
  }

  return {
    start: look,
    flush,
    async stop() {
      end.abort();
      clearTimeout(timer);
      await round;
    },
  };
}

/**
 * Sends one mail to see whether mails arrive.
 * @throws Fault that tells what to mend
 */
export async function sendTest(mail: MailConfig, timeouts?: Timeouts): Promise<void> {
  if (mail.to.length === 0) throw fault('mail-off');
  const host = hostname();
  const text = `This is a test of ipcountry on ${host}: mails about refused strangers will arrive.`;
  const letter: Letter = {
    messageId: `<ipcountry-test-${Date.now()}@${host}>`,
    subject: 'ipcountry: test',
    text: `${text}\n`,
    html: `<p>${text}</p>`,
  };
  const [refused] = await createTransport(mail, timeouts).deliver(letter);
  if (refused !== undefined) throw fault('mail-recipient', refused);
}
