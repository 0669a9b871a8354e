import { connect } from 'node:net';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import type { FreepbxRows, SettingRow } from './entries.ts';
import { databaseFault } from './fault.ts';
import { type FreepbxPeers, peersOf } from './peers.ts';
import type { FreepbxSettings } from './settings.ts';

/** Milliseconds until MariaDB has let us in, and for each question. */
const CONNECT = 5_000;
const QUERY = 10_000;

/**
 * What says where a peer is, and what it is called. No secret but that of a registration line.
 * All of this SQL is ours; nothing is ever put into it.
 */
const KEYWORDS = `'host', 'permit', 'register', 'match', 'sip_server', 'registration', 'account',
  'trunk_name', 'disabletrunk'`;

/**
 * Reads where FreePBX's trunks and extensions are. Nothing is written: the session is read-only
 * whatever the account may do.
 * @throws Fault freepbx-unreachable, freepbx-refused, freepbx-not
 */
export async function readFreepbx(settings: FreepbxSettings): Promise<FreepbxPeers> {
  return peersOf(await askDatabase(settings));
}

async function askDatabase(settings: FreepbxSettings): Promise<FreepbxRows> {
  // Loaded here, as no other verb should pay for it (0.2 s, 15 MB); and before there is a socket,
  // whose errors nobody would hear meanwhile.
  const { createConnection } = await import('mysql2/promise');
  const { host, port, socket, user, password, database } = settings;
  // Ours, since the client's own ends only when the server says so too.
  const stream = connect(socket === undefined ? { host, port } : { path: socket });
  try {
    const connection = await createConnection({
      ...{ stream, user, password, database },
      connectTimeout: CONNECT,
      multipleStatements: false,
      // The server may not ask for files of ours.
      flags: ['-LOCAL_FILES'],
      // No code is made from what the server says that its columns are.
      disableEval: true,
    });
    // What breaks between two questions breaks the next one too.
    connection.on('error', () => {});
    return await readRows(connection);
  } catch (cause) {
    throw databaseFault(cause, settings);
  } finally {
    stream.destroy();
  }
}

/** All tables as they were at one moment. */
async function readRows(connection: Connection): Promise<FreepbxRows> {
  const ask = async (sql: string) => {
    const [rows] = await connection.query<RowDataPacket[]>({ sql, timeout: QUERY });
    return rows;
  };
  const settingsOf = async (table: 'sip' | 'iax' | 'pjsip'): Promise<SettingRow[]> => {
    const rows = await ask(
      `SELECT id, keyword, data FROM ${table} WHERE LOWER(keyword) IN (${KEYWORDS})
       ORDER BY id, flags, keyword`,
    );
    return rows.map(({ id, keyword, data }) => ({
      id: String(id),
      keyword: String(keyword),
      data: String(data),
    }));
  };
  await ask('SET SESSION TRANSACTION READ ONLY');
  await ask('START TRANSACTION WITH CONSISTENT SNAPSHOT');
  const trunks = await ask(
    'SELECT trunkid, name, channelid, disabled FROM trunks ORDER BY trunkid',
  );
  const devices = await ask('SELECT id, tech FROM devices');
  return {
    trunks: trunks.map(({ trunkid, name, channelid, disabled }) => ({
      trunkid: String(trunkid),
      name: String(name),
      channelid: String(channelid),
      disabled: disabled === null ? null : String(disabled),
    })),
    devices: devices.map(({ id, tech }) => ({ id: String(id), tech: String(tech) })),
    sip: await settingsOf('sip'),
    iax: await settingsOf('iax'),
    pjsip: await settingsOf('pjsip'),
  };
}
