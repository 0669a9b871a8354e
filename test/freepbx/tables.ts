/** Keyword → data, as `sip`, `iax` and `pjsip` hold them. */
export type Settings = Readonly<Record<string, string>>;

export interface FreepbxContent {
  readonly trunks?: readonly (readonly [
    trunkid: number,
    name: string,
    tech: string,
    disabled?: string | null,
  ])[];
  /** Extension → technology. */
  readonly devices?: Readonly<Record<string, string>>;
  readonly sip?: Readonly<Record<string, Settings>>;
  readonly iax?: Readonly<Record<string, Settings>>;
  readonly pjsip?: Readonly<Record<string, Settings>>;
}

const SETTINGS = `(
  id VARCHAR(20) NOT NULL DEFAULT '-1', keyword VARCHAR(30) NOT NULL DEFAULT '',
  data VARCHAR(8100) NOT NULL, flags INT NOT NULL DEFAULT 0, PRIMARY KEY (id, keyword))`;

/** The tables that are read, shaped as FreePBX 16 and 17 declare them (core's module.xml). */
export const FREEPBX_TABLES: readonly string[] = [
  `CREATE TABLE trunks (
    trunkid INT NOT NULL DEFAULT 0, name VARCHAR(50) NOT NULL DEFAULT '', tech VARCHAR(20) NOT NULL,
    outcid VARCHAR(255) NOT NULL DEFAULT '', keepcid VARCHAR(4) DEFAULT 'off',
    maxchans VARCHAR(6) DEFAULT '', failscript VARCHAR(255) NOT NULL DEFAULT '',
    dialoutprefix VARCHAR(255) NOT NULL DEFAULT '', channelid VARCHAR(190) NOT NULL DEFAULT '',
    usercontext VARCHAR(255), provider VARCHAR(40), disabled VARCHAR(4) DEFAULT 'off',
    \`continue\` VARCHAR(4) DEFAULT 'off', routedisplay VARCHAR(4) DEFAULT 'on',
    PRIMARY KEY (trunkid, tech, channelid))`,
  `CREATE TABLE devices (
    id VARCHAR(20) NOT NULL DEFAULT '', tech VARCHAR(10) NOT NULL DEFAULT '',
    dial VARCHAR(255) NOT NULL DEFAULT '', devicetype VARCHAR(5) NOT NULL DEFAULT '',
    user VARCHAR(50), description VARCHAR(50), emergency_cid VARCHAR(100),
    hint_override VARCHAR(100), KEY id (id), KEY tech (tech))`,
  ...['sip', 'iax', 'pjsip'].map((table) => `CREATE TABLE ${table} ${SETTINGS}`),
];

/** The content as rows of the program: what MariaDB would answer. */
export function rowsOf(content: FreepbxContent) {
  const settings = (table: Readonly<Record<string, Settings>> = {}) =>
    Object.entries(table).flatMap(([id, of]) =>
      Object.entries(of).map(([keyword, data]) => ({ id, keyword, data })),
    );
  return {
    trunks: (content.trunks ?? []).map(([trunkid, name, , disabled = 'off']) => ({
      trunkid: String(trunkid),
      name,
      channelid: '',
      disabled,
    })),
    devices: Object.entries(content.devices ?? {}).map(([id, tech]) => ({ id, tech })),
    sip: settings(content.sip),
    iax: settings(content.iax),
    pjsip: settings(content.pjsip),
  };
}

/** The content as SQL; its text is the test's own. */
export function insertsOf(content: FreepbxContent): string[] {
  const text = (value: unknown) =>
    value === null ? 'NULL' : `'${String(value).replace(/['\\]/g, '\\$&')}'`;
  const insert = (table: string, columns: string, values: readonly unknown[]) =>
    `INSERT INTO ${table} (${columns}) VALUES (${values.map(text).join()})`;
  const { trunks = [] } = content;
  const { devices, sip, iax, pjsip } = rowsOf(content);
  return [
    ...trunks.map(([id, name, tech, disabled = 'off']) =>
      insert('trunks', 'trunkid, name, tech, disabled', [id, name, tech, disabled]),
    ),
    ...devices.map(({ id, tech }) =>
      insert('devices', 'id, tech, dial', [id, tech, `${tech.toUpperCase()}/${id}`]),
    ),
    ...Object.entries({ sip, iax, pjsip }).flatMap(([table, rows]) =>
      rows.map(({ id, keyword, data }) => insert(table, 'id, keyword, data', [id, keyword, data])),
    ),
  ];
}
