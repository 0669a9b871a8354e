import { type MariaDbSettings, type Naming, type Row, readMariaDb } from '../mariadb/index.ts';
import { answeredSeconds, type CallRecord, type CallRecords } from './record.ts';

/** The account is that of FreePBX's own tables; the database is another one. */
const NAMING: Naming = {
  owner: 'FreePBX',
  keyOf: (setting) => (setting === 'database' ? 'cdr.database' : `freepbx.${setting}`),
};

const DAY = 86_400_000;

/**
 * Reads FreePBX's call records since `since` (milliseconds since 1970).
 * @param settings `database` is that of the call records: `asteriskcdrdb`
 * @throws Fault mariadb-unreachable, mariadb-refused, mariadb-not
 */
export async function readCdrTable(settings: MariaDbSettings, since: number): Promise<CallRecords> {
  const { first, records } = await readMariaDb(settings, NAMING, async (ask) => {
    // Asterisk writes local time; the session has the time zone of the same host.
    const [oldest] = await ask('SELECT UNIX_TIMESTAMP(MIN(calldate)) AS first FROM cdr');
    const found: CallRecord[] = [];
    // A day at a time: each question has a time limit, and calldate an index.
    for (let from = since - DAY; from < Date.now(); from += DAY) {
      const rows = await ask(
        `SELECT UNIX_TIMESTAMP(calldate) AS begun, channel, uniqueid, billsec, disposition, dcontext,
           lastapp, lastdata
         FROM cdr WHERE calldate >= FROM_UNIXTIME(?) AND calldate < FROM_UNIXTIME(?)
           AND disposition = 'ANSWERED' AND billsec > 0`,
        [from / 1_000, (from + DAY) / 1_000],
      );
      found.push(...rows.map(recordOf));
    }
    return { first: Number(oldest?.['first'] ?? Number.POSITIVE_INFINITY) * 1_000, records: found };
  });
  return {
    from: `database ${settings.database}`,
    since: Math.max(since, first),
    records: iterate(records),
  };
}

async function* iterate(records: readonly CallRecord[]): AsyncGenerator<CallRecord> {
  yield* records;
}

function recordOf(row: Row): CallRecord {
  const text = (name: string) => String(row[name] ?? '');
  return {
    channel: text('channel'),
    uniqueid: text('uniqueid'),
    begins: [Number(row['begun']) * 1_000],
    seconds: answeredSeconds({
      disposition: text('disposition'),
      billsec: Number(row['billsec']),
      dcontext: text('dcontext'),
      lastapp: text('lastapp'),
      lastdata: text('lastdata'),
    }),
  };
}
