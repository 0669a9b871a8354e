import type { CallRecord, CallRecords } from '../call-records/index.ts';
import type { Database } from '../database/index.ts';

/** Records written in one go. */
const BATCH = 1_000;

/**
 * Puts the answered calls of the records beside the journal, as a temporary table of this connection
 * alone: SQLite keeps it on disk where it is large, and joins it.
 * @throws Fault where the records can't be read to their end
 */
export async function loadAnswered(database: Database, records?: CallRecords): Promise<void> {
  database.exec(`
    DROP TABLE IF EXISTS temp.answered;
    CREATE TEMP TABLE answered (
      uniqueid TEXT    NOT NULL, -- empty where the records have none: then channel and begin count
      channel  TEXT    NOT NULL,
      begun    INTEGER NOT NULL, -- ms since 1970
      seconds  INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX temp.answered_uniqueid ON answered (uniqueid) WHERE uniqueid <> '';
    CREATE INDEX temp.answered_channel ON answered (channel, begun) WHERE uniqueid = '';
  `);
  if (!records) return;
  const insert = database.prepare(
    'INSERT INTO temp.answered (uniqueid, channel, begun, seconds) VALUES (?, ?, ?, ?)',
  );
  const write = database.transaction((batch: readonly CallRecord[]) => {
    for (const { uniqueid, channel, begins, seconds } of batch) {
      for (const begun of begins) insert.run(uniqueid, channel, begun, seconds);
    }
  });
  let batch: CallRecord[] = [];
  for await (const record of records.records) {
    if (record.seconds === 0) continue;
    batch.push(record);
    if (batch.length < BATCH) continue;
    write(batch);
    batch = [];
  }
  write(batch);
}

/** Milliseconds by which the journal may be before or after the call's begin, of whole seconds. */
const BEFORE = 2_000;
const AFTER = 30_000;

/**
 * Seconds for which the journalled call `call` was answered, as an SQL expression. One call can have
 * several records: the longest tells.
 */
export const ANSWERED_SECONDS = `max(
  coalesce((SELECT max(seconds) FROM temp.answered AS record
    WHERE record.uniqueid <> '' AND record.uniqueid = call.uniqueid), 0),
  coalesce((SELECT max(seconds) FROM temp.answered AS record
    WHERE record.uniqueid = '' AND record.channel = call.channel
      AND record.begun BETWEEN call.at - ${AFTER} AND call.at + ${BEFORE}), 0))`;
