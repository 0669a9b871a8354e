import type { Database } from '../database/index.ts';
import type { Log } from '../log.ts';
import { alertFacts, type CallValues, callValues, type JournalEntry } from './entry.ts';

/**
 * Milliseconds that calls wait for another writer: a rule change on a busy machine, which keeps the
 * others out for as long as it waits for a processor. Less than half of what agi.deadline gives a
 * call where nothing else is said. Who waits longer is answered all the same, and would be lost to a kill -9 before
 * the database can be written again.
 */
const CALL_PATIENCE = 200;
/** Milliseconds the last flush may wait: nobody is on the line any more. */
const CLOSE_PATIENCE = 2_000;
/** Entries that wait while the database can't be written; about 2 KB each. */
const MOST_WAITING = 10_000;
/** Entries written in one go: some 10 ms. */
const BATCH = 500;
/** Milliseconds between two tries to write what waits. */
const RETRY = 250;
/** Milliseconds between two complaints about the same trouble. */
const COMPLAINT = 60_000;

export interface JournalOptions {
  readonly log: Log;
  /** Whether refused strangers are owed a mail. */
  readonly alerts: boolean;
}

/** A call that was judged, and its row's id; undefined while it waits for the database. */
export interface Recorded {
  readonly entry: JournalEntry;
  readonly row: number | undefined;
}

/** The journal's writing side. */
export interface Journal {
  /**
   * Judges calls, and writes them and the alerts they owe, in one transaction: the rules that
   * `judge` looks at are those that stand when its calls are written, and SQLite's locks, which cost
   * more than all rules together, are taken once. Where the database can't be written the calls are
   * judged all the same, wait and are written later, in order.
   * @param judge is called once; what it throws is thrown, and nothing else
   */
  recordAll(judge: () => readonly JournalEntry[]): Recorded[];
  /** The same for a call that has been judged. */
  record(entry: JournalEntry): number | undefined;
  /**
   * The answer to this call was taken back, as its environment proved to be forged: it stands as
   * refused for `bad-address`.
   */
  retract(row: number): void;
  status(): { readonly waiting: number; readonly lost: number };
  /** Writes what waits, if it can; what can't be written then is lost, and logged. */
  close(): void;
}

const COLUMNS: readonly (keyof CallValues)[] = [
  ...(['at', 'entry', 'technology', 'channel', 'uniqueid', 'source', 'counted'] as const),
  ...(['country', 'operator', 'sipuri', 'domain', 'extension', 'number', 'name'] as const),
  ...(['agent', 'outcome', 'reason', 'rule_list', 'rule', 'route', 'enforced', 'micros'] as const),
];

/**
 * @param database a connection whose busy timeout the journal sets, since calls wait for it
 */
export function createJournal(database: Database, options: JournalOptions): Journal {
  const { log } = options;
  const insertCall = database.prepare(
    `INSERT INTO call (${COLUMNS.join(', ')}) VALUES (${COLUMNS.map(() => '?').join(', ')})`,
  );
  // Within a network's window its repeats wait for the digest at the window's end.
  const insertAlert = database.prepare(
    `INSERT INTO alert (call_id, created_at, counted, facts, due_at)
     VALUES (@call, @at, @counted, @facts, coalesce(
       (SELECT until FROM alert_window WHERE counted = @counted AND until > @at), @at))`,
  );
  const retractCall = database.prepare(
    `UPDATE call SET outcome = 'stranger', reason = 'bad-address', rule_list = '', rule = '',
       route = '', enforced = 1 WHERE id = ?`,
  );
  const selectCall = database.prepare('SELECT * FROM call WHERE id = ?');
  const selectAlert = database.prepare('SELECT 1 FROM alert WHERE call_id = ?');

  const queue: CallValues[] = [];
  let lost = 0;
  let complained = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  setPatience(CALL_PATIENCE);

  function setPatience(milliseconds: number): void {
    database.pragma(`busy_timeout = ${milliseconds}`);
  }

  const isOwed = (values: CallValues) =>
    options.alerts && values.outcome === 'stranger' && values.enforced === 1;

  function writeCall(values: CallValues): number {
    const row = Number(insertCall.run(COLUMNS.map((name) => values[name])).lastInsertRowid);
    if (isOwed(values)) writeAlert(row, values);
    return row;
  }

  function writeAlert(row: number, values: CallValues): void {
    const { at, counted } = values;
    insertAlert.run({ call: row, at, counted, facts: JSON.stringify(alertFacts(values)) });
  }

  const writeAll = database.transaction((judge: () => readonly JournalEntry[]) =>
    judge().map((entry) => ({ entry, row: writeCall(callValues(entry)) })),
  );
  const writeBatch = database.transaction((batch: readonly CallValues[]) => {
    for (const values of batch) {
      try {
        writeCall(values);
      } catch (cause) {
        if (canWait(cause)) throw cause;
        lose(1, cause); // one that the table refuses must not hold up the others
      }
    }
  });
  const retractBoth = database.transaction((row: number) => {
    retractCall.run(row);
    const values = selectCall.get(row) as CallValues | undefined;
    if (values && isOwed(values) && !selectAlert.get(row)) writeAlert(row, values);
  });

  function recordAll(judge: () => readonly JournalEntry[]): Recorded[] {
    let entries: readonly JournalEntry[] | undefined;
    const judged = () => {
      entries ??= judge();
      return entries;
    };
    if (queue.length === 0) {
      try {
        return writeAll.immediate(judged);
      } catch (cause) {
        if (!canWait(cause)) {
          if (entries === undefined) throw cause;
          // One that the table refuses must not take the others with it.
          if (entries.length > 1) return entries.map((entry) => ({ entry, row: record(entry) }));
          lose(1, cause);
          return entries.map(waiting);
        }
        complain({ err: cause }, 'journal: the database can not be written, calls wait for it');
      }
    }
    const calls = judged();
    for (const entry of calls) {
      if (queue.length < MOST_WAITING) queue.push(callValues(entry));
      else lose(1, undefined);
    }
    timer ??= setTimeout(retry, RETRY).unref();
    return calls.map(waiting);
  }

  function record(entry: JournalEntry): number | undefined {
    return recordAll(() => [entry])[0]?.row;
  }

  function lose(count: number, cause: unknown): void {
    lost += count;
    complain({ err: cause, lost }, 'journal: calls could not be journalled');
  }

  function complain(fields: object, message: string): void {
    const now = performance.now();
    if (now - complained < COMPLAINT) return;
    complained = now;
    log.error({ ...fields, waiting: queue.length }, message);
  }

  function retry(): void {
    timer = undefined;
    const written = flush(BATCH, 0);
    if (queue.length > 0) timer = setTimeout(retry, written ? 0 : RETRY).unref();
    else log.info({ lost }, 'journal: the waiting calls are written');
  }

  /** @returns whether it could write */
  function flush(most: number, patience: number): boolean {
    const batch = queue.slice(0, most);
    try {
      setPatience(patience);
      writeBatch.immediate(batch);
      queue.splice(0, batch.length);
      return true;
    } catch (cause) {
      complain({ err: cause }, 'journal: the database still can not be written');
      return false;
    } finally {
      if (database.open) setPatience(CALL_PATIENCE);
    }
  }

  return {
    recordAll,
    record,
    retract(row) {
      try {
        retractBoth.immediate(row);
      } catch (cause) {
        log.error({ err: cause, row }, 'journal: a retracted answer could not be marked');
      }
    },
    status: () => ({ waiting: queue.length, lost }),
    close() {
      clearTimeout(timer);
      if (queue.length === 0 || flush(queue.length, CLOSE_PATIENCE)) return;
      log.fatal({ lost: lost + queue.length }, 'journal: closed with calls that were not written');
      lost += queue.length;
      queue.length = 0;
    },
  };
}

function waiting(entry: JournalEntry): Recorded {
  return { entry, row: undefined };
}

/** Whether the trouble is the database's, and may pass, and not the entry's own. */
function canWait(cause: unknown): boolean {
  const code = String((cause as { code?: unknown }).code);
  return /^SQLITE_(BUSY|LOCKED|FULL|READONLY|IOERR|CANTOPEN|NOMEM|PROTOCOL|CORRUPT|NOTADB|PERM)/.test(
    code,
  );
}
