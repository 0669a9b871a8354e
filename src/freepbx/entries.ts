import type { Peer, Technology } from '../guard/peer.ts';

/** What is read from FreePBX; it is an administrator's text, and may be anything. */
export interface FreepbxRows {
  readonly trunks: readonly TrunkRow[];
  readonly devices: readonly { readonly id: string; readonly tech: string }[];
  readonly sip: readonly SettingRow[];
  readonly iax: readonly SettingRow[];
  readonly pjsip: readonly SettingRow[];
}

export interface TrunkRow {
  readonly trunkid: string;
  readonly name: string;
  readonly channelid: string;
  /** `on`, `off` or NULL. */
  readonly disabled: string | null;
}

export interface SettingRow {
  readonly id: string;
  readonly keyword: string;
  readonly data: string;
}

/** A trunk or extension that is in use. */
export interface Entry {
  readonly technology: Technology;
  readonly name: string;
  readonly role: Peer['role'];
  /** By keyword, in lower case. */
  readonly settings: ReadonlyMap<string, string>;
}

/** A chan_sip or IAX2 trunk has up to three ids: its peer, its user and its registration. */
const TRUNK_PART = /^tr-(?:peer|user|reg)-(\d+)$/;

/** What FreePBX would write into Asterisk's configuration: no disabled trunk, no general setting. */
export function* entriesOf(rows: FreepbxRows): Generator<Entry> {
  const trunks = new Map(rows.trunks.map((trunk) => [trunk.trunkid, trunk]));
  const isPjsip = new Set(
    rows.devices.filter(({ tech }) => tech.toLowerCase() === 'pjsip').map(({ id }) => id),
  );

  for (const [id, settings] of gather(rows.pjsip)) {
    const trunk = trunks.get(id);
    if (isDisabled(trunk) || settings.get('disabletrunk') === 'on') continue;
    const name = trunk?.name || settings.get('trunk_name') || `trunk ${id}`;
    yield { technology: 'PJSIP', name, role: 'trunk', settings };
  }

  for (const table of ['sip', 'iax'] as const) {
    for (const [id, settings] of gather(rows[table])) {
      const technology = table === 'iax' ? 'IAX2' : isPjsip.has(id) ? 'PJSIP' : 'SIP';
      const [, trunkid] = TRUNK_PART.exec(id) ?? [];
      if (trunkid !== undefined) {
        const trunk = trunks.get(trunkid);
        if (isDisabled(trunk)) continue;
        const name = trunk?.name || trunk?.channelid || settings.get('account') || id;
        yield { technology, name, role: 'trunk', settings };
      } else if (!id.startsWith('-')) {
        yield { technology, name: id, role: 'phone', settings };
      }
    }
  }
}

/** As FreePBX asks: rows of a trunk that is gone are still in use. */
function isDisabled(trunk: TrunkRow | undefined): boolean {
  return trunk !== undefined && trunk.disabled !== null && trunk.disabled !== 'off';
}

function gather(rows: readonly SettingRow[]): Map<string, Map<string, string>> {
  const byId = new Map<string, Map<string, string>>();
  for (const { id, keyword, data } of rows) {
    const settings = byId.get(id) ?? new Map<string, string>();
    byId.set(id, settings.set(keyword.toLowerCase(), data.trim()));
  }
  return byId;
}
