import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCdrTable } from '../../src/call-records/index.ts';
import type { MariaDbSettings } from '../../src/mariadb/index.ts';
import { aCall, aStranger } from '../support/calls.ts';
import { openShell } from '../support/cli.ts';
import { type MariaDb, startMariaDb } from '../support/mariadb.ts';
import { journal } from '../support/shell-journal.ts';

const DAY = 86_400_000;
/** On a whole second. */
const NOW = Math.floor(Date.now() / 1_000) * 1_000;

/** As FreePBX 16 and 17 make it, its recording and caller columns left out. */
const TABLE = `CREATE TABLE cdr (
  calldate datetime NOT NULL DEFAULT '1000-01-01 00:00:00', clid varchar(80) NOT NULL DEFAULT '',
  src varchar(80) NOT NULL DEFAULT '', dst varchar(80) NOT NULL DEFAULT '',
  dcontext varchar(80) NOT NULL DEFAULT '', channel varchar(80) NOT NULL DEFAULT '',
  dstchannel varchar(80) NOT NULL DEFAULT '', lastapp varchar(80) NOT NULL DEFAULT '',
  lastdata varchar(80) NOT NULL DEFAULT '', duration int(11) NOT NULL DEFAULT 0,
  billsec int(11) NOT NULL DEFAULT 0, disposition varchar(45) NOT NULL DEFAULT '',
  amaflags int(11) NOT NULL DEFAULT 0, accountcode varchar(20) NOT NULL DEFAULT '',
  uniqueid varchar(32) NOT NULL DEFAULT '', userfield varchar(255) NOT NULL DEFAULT '',
  did varchar(50) NOT NULL DEFAULT '', linkedid varchar(32) NOT NULL DEFAULT '',
  KEY calldate (calldate), KEY uniqueid (uniqueid)
)`;

describe("FreePBX's call records", () => {
  let mariadb: MariaDb;
  let settings: MariaDbSettings;

  /** A call `ago` milliseconds before now. */
  const insert = (ago: number, uniqueid: string, more: Record<string, string | number> = {}) => {
    const columns = {
      ...{ uniqueid, channel: `PJSIP/x-${uniqueid}`, dcontext: 'from-internal', lastapp: 'Dial' },
      ...{ lastdata: 'PJSIP/951', billsec: 42, disposition: 'ANSWERED' },
      ...more,
    };
    return mariadb.run(
      `INSERT INTO cdr (calldate, ${Object.keys(columns).join(', ')})
       VALUES (FROM_UNIXTIME(${(NOW - ago) / 1_000}), ${Object.values(columns)
         .map((value) => `'${value}'`)
         .join(', ')})`,
    );
  };

  beforeAll(async () => {
    mariadb = await startMariaDb();
    settings = {
      ...{ host: '127.0.0.1', port: mariadb.port, database: 'asteriskcdrdb' },
      ...{ user: 'ipcountry', password: 's3cret' },
    };
    await mariadb.run(
      "SET GLOBAL time_zone = '+05:30'", // where the PBX is; ours is another
      "SET time_zone = '+05:30'",
      'CREATE DATABASE asteriskcdrdb CHARACTER SET utf8mb4',
      'USE asteriskcdrdb',
      TABLE,
      "CREATE USER 'ipcountry'@'localhost' IDENTIFIED BY 's3cret'",
      "GRANT SELECT ON asteriskcdrdb.* TO 'ipcountry'@'localhost'",
    );
    await insert(0, '1.1');
    await insert(3_600_000, '1.2', { disposition: 'NO ANSWER', billsec: 0 });
    await insert(3_600_000, '1.3', { lastapp: 'Congestion' });
    await insert(6 * DAY, '1.4', { billsec: 7 });
    await insert(20 * DAY, '1.5');
  });
  afterAll(() => mariadb?.stop());

  const read = async (since: number, changed: Partial<MariaDbSettings> = {}) => {
    const { records, ...rest } = await readCdrTable({ ...settings, ...changed }, since);
    const all = [];
    for await (const record of records) all.push(record);
    return { ...rest, records: all.sort((a, b) => a.uniqueid.localeCompare(b.uniqueid)) };
  };

  it('are the answered calls of the days asked for, with their begin', async () => {
    expect(await read(NOW - 7 * DAY)).toEqual({
      ...{ from: 'database asteriskcdrdb', since: NOW - 7 * DAY },
      records: [
        { channel: 'PJSIP/x-1.1', uniqueid: '1.1', begins: [NOW], seconds: 42 },
        { channel: 'PJSIP/x-1.3', uniqueid: '1.3', begins: [NOW - 3_600_000], seconds: 0 },
        { channel: 'PJSIP/x-1.4', uniqueid: '1.4', begins: [NOW - 6 * DAY], seconds: 7 },
      ],
    });
  });

  it('say since when there are any', async () => {
    const { since, records } = await read(NOW - 90 * DAY);
    expect(since).toBe(NOW - 20 * DAY);
    expect(records).toHaveLength(4);
    await mariadb.run('CREATE DATABASE empty', 'USE empty', TABLE, 'USE asteriskcdrdb');
    await mariadb.run("GRANT SELECT ON empty.* TO 'ipcountry'@'localhost'");
    expect(await read(NOW - DAY, { database: 'empty' })).toMatchObject({
      ...{ since: Number.POSITIVE_INFINITY, records: [] },
    });
  });

  it('tell "mode enforce" who was answered, with the account of FreePBX', async () => {
    const shell = openShell({
      IPCOUNTRY_FREEPBX_PASSWORD: 's3cret',
      IPCOUNTRY_FREEPBX_PORT: String(mariadb.port),
      IPCOUNTRY_CDR_CSV: '/nonexistent/Master.csv',
    });
    await shell('mode', 'monitor');
    const at = NOW - 6 * DAY;
    const called = (source: string, uniqueid: string) =>
      aStranger(source, { at, enforced: false, call: aCall(source, { uniqueid }) });
    const calls = [called('192.0.2.4', '1.4'), called('192.0.2.9', '1.9')];
    journal(shell, [...calls, ...calls, ...calls]);
    const { code, json } = await shell('mode', 'enforce', '--dry-run', '--json');
    shell.remove();
    expect(code).toBe(1);
    expect(json.rehearsal).toMatchObject({
      records: { from: 'database asteriskcdrdb' },
      remarks: [],
      likely: [{ source: '192.0.2.4', longest: 7, signs: ['repeated'] }],
    });
    expect(json.rehearsal.likely).toHaveLength(1);
  });

  it.each<[string, Partial<MariaDbSettings>, string, RegExp]>([
    ['a wrong password', { password: 'wrong' }, 'mariadb-refused', /GRANT SELECT ON asteriskcdrdb/],
    ['another database', { database: 'mysql' }, 'mariadb-refused', /cdr|freepbx\.user/],
    ['no server', { port: 9 }, 'mariadb-unreachable', /freepbx\.host/],
  ])('are not read with %s, and it is said what to do', async (_, changed, code, words) => {
    await expect(read(NOW, changed)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(words),
    });
  });

  it('of a database without them are told of by the key that names it', async () => {
    await mariadb.run('CREATE DATABASE other');
    await mariadb.run("GRANT SELECT ON other.* TO 'ipcountry'@'localhost'");
    await expect(read(NOW, { database: 'other' })).rejects.toMatchObject({
      code: 'mariadb-not',
      message: expect.stringContaining('check cdr.database'),
    });
  });
});
