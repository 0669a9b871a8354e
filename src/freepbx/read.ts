import { type Ask, type MariaDbSettings, type Naming, readMariaDb } from '../mariadb/index.ts';
import type { FreepbxRows, SettingRow } from './entries.ts';
import { type FreepbxPeers, peersOf } from './peers.ts';

/** Section `freepbx` of the configuration. */
const NAMING: Naming = { owner: 'FreePBX', keyOf: (setting) => `freepbx.${setting}` };

/**
 * What says where a peer is, and what it is called. No secret but that of a registration line.
 * All of this SQL is ours; nothing is ever put into it.
 */
const KEYWORDS = `'host', 'permit', 'register', 'match', 'sip_server', 'registration', 'account',
  'trunk_name', 'disabletrunk'`;

/**
 * Reads where FreePBX's trunks and extensions are.
 * @throws Fault mariadb-unreachable, mariadb-refused, mariadb-not
 */
export async function readFreepbx(settings: MariaDbSettings): Promise<FreepbxPeers> {
  return peersOf(await readMariaDb(settings, NAMING, readRows));
}

async function readRows(ask: Ask): Promise<FreepbxRows> {
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
