import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Fault, fault } from '../errors.ts';
import { windowStart } from './csv-window.ts';
import { answeredSeconds, type CallRecord, type CallRecords, uniqueidTime } from './record.ts';

/** Columns in the order of cdr_csv.c, build_csv_record. */
const COLUMN = {
  ...{ dcontext: 3, channel: 5, lastapp: 7, lastdata: 8, start: 9, billsec: 13, disposition: 14 },
  uniqueid: 16, // where loguniqueid=yes; else the user field may stand here, or nothing
};

/** Times are local or UTC (usegmtime), and calls may last: so much earlier is read, too. */
const SLACK = 26 * 3_600_000;

/**
 * Reads what cdr_csv has written of the calls since `since` (milliseconds since 1970).
 * @throws Fault where the file can't be read
 */
export async function openMasterCsv(path: string, since: number): Promise<CallRecords> {
  const file = await open(path).catch((cause) => {
    throw unreadable(path, cause);
  });
  try {
    const { size } = await file.stat();
    const from = new Date(since - SLACK).toISOString().slice(0, 19).replace('T', ' ');
    const { offset, older } = await windowStart(file, size, from);
    const begin = older ? since : Math.max(since, await beginOf(path));
    return { from: path, since: begin, records: recordsFrom(path, offset) };
  } catch (cause) {
    throw unreadable(path, cause);
  } finally {
    await file.close();
  }
}

/** When the first call of the file began. */
async function beginOf(path: string): Promise<number> {
  for await (const { begins } of recordsFrom(path, 0)) return Math.min(...begins);
  return Number.POSITIVE_INFINITY;
}

async function* recordsFrom(path: string, offset: number): AsyncGenerator<CallRecord> {
  const { parse } = await import('csv-parse');
  const parser = parse({
    relax_column_count: true, // user field and later columns are optional
    skip_empty_lines: true,
    skip_records_with_error: true, // what a full disk or a crash has torn
    max_record_size: 1 << 16, // sixty times what a record can have: this is no Master.csv
  });
  const stream = createReadStream(path, { start: offset });
  stream.on('error', (cause) => parser.destroy(cause)).pipe(parser);
  try {
    for await (const columns of parser) {
      const record = recordOf(columns as string[]);
      if (record) yield record;
    }
  } catch (cause) {
    throw unreadable(path, cause);
  } finally {
    stream.destroy();
  }
}

function recordOf(columns: readonly string[]): CallRecord | undefined {
  const text = (name: keyof typeof COLUMN) => columns[COLUMN[name]] ?? '';
  const made = uniqueidTime(text('uniqueid'));
  const begins = made === undefined ? readings(text('start')) : [made];
  if (text('channel') === '' || begins.length === 0) return undefined;
  return {
    channel: text('channel'),
    uniqueid: made === undefined ? '' : text('uniqueid'),
    begins,
    seconds: answeredSeconds({
      disposition: text('disposition'),
      billsec: Number(text('billsec')),
      dcontext: text('dcontext'),
      lastapp: text('lastapp'),
      lastdata: text('lastdata'),
    }),
  };
}

/** A time of the file, taken as local and as UTC. */
function readings(text: string): number[] {
  if (!/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text)) return [];
  const [date, time] = text.split(' ');
  return [new Date(`${date}T${time}`).getTime(), Date.parse(`${date}T${time}Z`)].filter(
    (at) => !Number.isNaN(at),
  );
}

function unreadable(path: string, cause: unknown): Fault {
  if (cause instanceof Fault) return cause;
  return fault('file-read', path, (cause as NodeJS.ErrnoException).code ?? 'error');
}
