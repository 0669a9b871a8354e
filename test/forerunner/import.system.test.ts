import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openShell, type Shell } from '../support/cli.ts';
import { type MariaDb, startMariaDb } from '../support/mariadb.ts';

const PASSWORD = 's3cret';

/** As MaxMind's GeoIPCountryWhois.csv is loaded: both forms of the ends, code and name. */
const TABLE = `(begin_ip CHAR(15) NOT NULL, end_ip CHAR(15) NOT NULL, begin_num INT UNSIGNED NOT NULL,
  end_num INT UNSIGNED NOT NULL, country CHAR(2) NOT NULL, name VARCHAR(50) NOT NULL)`;

/** What a row of a table is made from: first and last address, code. */
type Row = readonly [first: string, last: string, code: string];

function insert(table: string, rows: readonly Row[]): string {
  const values = rows.map(
    ([first, last, code]) =>
      `('${first}', '${last}', INET_ATON('${first}'), INET_ATON('${last}'), '${code}', '')`,
  );
  return `INSERT INTO ${table} VALUES ${values.join()}`;
}

const US: Row[] = [
  ['198.51.100.0', '198.51.100.255', 'US'],
  ['203.0.113.0', '203.0.113.127', 'US'],
];
const PRIVATE: Row[] = [
  ['10.0.0.0', '10.255.255.255', 'AA'],
  ['192.168.0.0', '192.168.255.255', 'AA'],
];

describe("IP Country's tables in a MariaDB", () => {
  let mariadb: MariaDb;
  let shell: Shell;
  let passwordFile: string;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ipcountry-forerunner-'));
    passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, `${PASSWORD}\n`);
    mariadb = await startMariaDb();
    await mariadb.run(
      ...['CREATE DATABASE original', 'USE original'],
      ...['permit', 'deny', 'geolite'].map((table) => `CREATE TABLE ${table} ${TABLE}`),
      insert('geolite', [...US, ['192.0.2.0', '192.0.2.255', 'CA']]),
      insert('permit', [...PRIVATE, ...US, ['192.0.2.7', '192.0.2.9', 'AA']]),
      insert('permit', [['192.0.2.7', '192.0.2.9', 'AA']]),
      insert('deny', [['198.51.100.66', '198.51.100.66', 'AA']]),
      `CREATE USER 'reader'@'localhost' IDENTIFIED BY '${PASSWORD}'`,
      "GRANT SELECT ON original.* TO 'reader'@'localhost'",
      `CREATE USER 'nothing'@'localhost' IDENTIFIED BY '${PASSWORD}'`,
    );
  });
  afterAll(async () => {
    await mariadb?.stop();
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    shell = openShell();
  });
  afterEach(() => shell.remove());

  const importAs = (user: string, ...more: readonly string[]) =>
    shell(
      ...['import', '--ipcountry-mysql', '--mysql-socket', mariadb.socket, '--mysql-user', user],
      ...['--mysql-password-file', passwordFile, ...more],
    );
  const subjects = async (list: string) =>
    (await shell('list', list, '--json')).json.map(({ subject }: { subject: string }) => subject);

  it('are shown first, and nothing is changed', async () => {
    const { code, out, err } = await importAs('reader', '--dry-run');
    expect([code, err]).toEqual([0, '']);
    expect(out.split('\n')).toEqual([
      "database 'original': 6 rows in permit, 1 in deny, 3 in geolite",
      'LIST    CODE              ROWS  BECOMES       BECAUSE',
      'permit  AA                4     3 ranges      made by hand',
      'permit  US United States  2     country rule  100 % of its addresses in geolite',
      'deny    AA                1     1 range       made by hand',
      'nothing was changed; the import would give:',
      'rules: 3 added, 2 there already',
      'permit then has 1 country rule, 9 ranges',
      '',
    ]);
    expect(await subjects('permit')).toHaveLength(8);
  });

  it('are taken in, beside what was there', async () => {
    await shell('permit', '203.0.113.200', '--note', 'mine');
    const { code, json } = await importAs('reader', '--json');
    expect(code).toBe(0);
    expect(json).toMatchObject({
      found: { database: 'original', geolite: 3, groups: [{}, { code: 'US', covered: 1 }, {}] },
      rules: { added: 3, already: 2, removed: 0 },
      dryRun: false,
    });
    const { json: rules } = await shell('list', 'permit', '--json');
    expect(rules).toHaveLength(11);
    expect(rules).toContainEqual(
      expect.objectContaining({ subject: '10.0.0.0/8', note: 'private', origin: 'initial' }),
    );
    expect(rules.slice(-3)).toMatchObject([
      { subject: '203.0.113.200', note: 'mine' },
      { subject: '192.0.2.7-192.0.2.9', note: 'IP Country: by hand', origin: 'import' },
      { subject: 'US', note: 'IP Country: US, 2 ranges', origin: 'import' },
    ]);
    expect(await subjects('deny')).toEqual(['198.51.100.66']);
  });

  it('replace what was there, but for trust and what IPv6 begins with', async () => {
    await shell('permit', 'DE', '203.0.113.200');
    await shell('trust', '203.0.113.201');
    expect((await importAs('reader', '--replace')).out).toContain(
      'rules: 3 added, 5 there already, 5 removed',
    );
    expect((await subjects('permit')).sort()).toEqual([
      ...['10.0.0.0/8', '192.0.2.7-192.0.2.9', '192.168.0.0/16', '::1', 'US', 'fc00::/7'],
      'fe80::/10',
    ]);
    expect(await subjects('trust')).toEqual(['203.0.113.201']);
    const { json: rules } = await shell('list', 'permit', '--json');
    expect(rules).toContainEqual(expect.objectContaining({ subject: '::1', note: 'loopback' }));
  });

  it('are read over TCP, and with the password in the environment', async () => {
    const other = openShell({ IPCOUNTRY_MYSQL_PASSWORD: PASSWORD });
    const { code, out } = await other(
      ...['import', '--ipcountry-mysql', '--mysql-host', '127.0.0.1'],
      ...['--mysql-port', String(mariadb.port), '--mysql-user', 'reader'],
    );
    expect([code, out]).toEqual([0, expect.stringContaining('rules: 3 added')]);
    other.remove();
  });

  it('hold unsound rows: they are counted and shown, and permit nothing', async () => {
    await mariadb.run(
      ...['CREATE DATABASE unsound', 'USE unsound'],
      'CREATE TABLE permit (cc VARCHAR(2), last BIGINT, first BIGINT)',
      "INSERT INTO permit VALUES ('AA', 1, 9), ('AA', 1, 8), ('AA', NULL, 7), ('AA', 4294967296, 0)",
      "INSERT INTO permit VALUES ('EU', 3405803785, 3405803783), (NULL, 3405803791, 3405803790)",
      'CREATE TABLE deny (cc VARCHAR(2), last BIGINT, first BIGINT)',
      "INSERT INTO deny VALUES ('AA', 4294967296, 3405803785)",
    );
    const { code, out } = await importAs('root', '--mysql-database', 'unsound');
    expect(code, out).toBe(2); // root needs no password here
    const root = ['import', '--ipcountry-mysql', '--mysql-socket', mariadb.socket];
    const taken = await shell(...root, '--mysql-database', 'unsound');
    expect(taken.code).toBe(0);
    expect(taken.out.split('\n')).toEqual([
      "database 'unsound': 6 rows in permit, 1 in deny, no geolite",
      'LIST    CODE  ROWS  BECOMES  BECAUSE',
      'permit  EU    1     1 range  no country',
      'permit        1     1 range  no country',
      'deny    AA    1     1 range  made by hand',
      'permit: 2 rows ending before it begins: 9-1 AA, 8-1 AA',
      'permit: 1 row without a number at both ends: 7-NULL AA',
      'permit: 1 row beyond the last address of IPv4: 0-4294967296 AA',
      'deny: 1 row beyond the last address of IPv4: 3405803785-4294967296 AA',
      'rules: 3 added',
      'permit then has 10 ranges',
      '',
    ]);
    expect(await subjects('permit')).toHaveLength(8 + 2);
    expect(await subjects('deny')).toEqual(['203.0.113.9-255.255.255.255']);

    const both = await shell(...root);
    expect([both.code, both.err]).toEqual([
      2,
      "ipcountry: several databases have tables permit and deny (original, unsound): say with --mysql-database which one IP Country's are in\n",
    ]);
  });

  it.each<[string, string[], string]>([
    [
      'a wrong account',
      ['nobody'],
      "IP Country's database refuses the account 'nobody'; check --mysql-user and --mysql-password-file, or make",
    ],
    [
      'one that may read nothing',
      ['nothing'],
      "no database that the account 'nothing' may read has IP Country's tables permit and deny",
    ],
    [
      'another database',
      ['reader', '--mysql-database', 'information_schema'],
      "database 'information_schema' is not it: none that the account 'reader' may read has",
    ],
    [
      'one that it may not see',
      ['reader', '--mysql-database', 'mysql'],
      "IP Country's database refuses the account 'reader'",
    ],
    ['a port that is none', ['reader', '--mysql-port', 'x'], "'x' is no port"],
    [
      'a password file that is none',
      ['reader', '--mysql-password-file', '/nonexistent'],
      "/nonexistent: can't be read (ENOENT)",
    ],
    [
      'no MariaDB',
      ['reader', '--mysql-socket', '/nonexistent'],
      "IP Country's database at /nonexistent: can't be reached (ENOENT); is MariaDB running? Check --mysql-host and --mysql-port, or --mysql-socket",
    ],
    ['a file beside', ['reader', 'x.json'], '--ipcountry-mysql takes no file and no --list'],
  ])(
    'and %s is told, with nothing changed and no secret shown',
    async (_, [user, ...more], message) => {
      const { code, out, err } = await importAs(user!, ...more);
      expect([code, out]).toEqual([2, '']);
      expect(err).toContain(message);
      expect(err).not.toContain(PASSWORD);
      expect(await subjects('permit')).toHaveLength(8);
    },
  );

  it('that are none are told with their columns', async () => {
    await mariadb.run(
      ...['CREATE DATABASE other', 'USE other'],
      'CREATE TABLE permit (a INT, b INT, c INT)',
      'CREATE TABLE deny (a INT, b INT, c INT)',
    );
    const root = ['import', '--ipcountry-mysql', '--mysql-socket', mariadb.socket];
    const { code, err } = await shell(...root, '--mysql-database', 'other');
    expect([code, err]).toEqual([
      2,
      'ipcountry: table other.permit: expected two columns of numbers, the first and the last address, and one with the country code; it has a int, b int, c int; nothing was imported\n',
    ]);
  });

  it('of a whole world are taken in while one waits', async () => {
    await mariadb.run(
      ...['CREATE DATABASE world', 'USE world'],
      ...['permit', 'deny', 'geolite'].map((table) => `CREATE TABLE ${table} ${TABLE}`),
      // 100 000 ranges, each apart from the next, of ten countries that were added;
      `INSERT INTO geolite SELECT '', '', 268435456 + seq * 32, 268435456 + seq * 32 + 15,
         ELT(1 + seq % 10, 'US', 'CA', 'DE', 'FR', 'GB', 'IN', 'JP', 'MX', 'NZ', 'ZA'), ''
         FROM seq_1_to_100000`,
      // of one too much is missing: what there is of it stays ranges.
      "INSERT INTO permit SELECT * FROM geolite WHERE country <> 'ZA' OR begin_num % 352 <> 0",
    );
    const root = ['import', '--ipcountry-mysql', '--mysql-socket', mariadb.socket];
    const begun = performance.now();
    const { json } = await shell(...root, '--mysql-database', 'world', '--json');
    const seconds = (performance.now() - begun) / 1_000;
    expect(json.found.geolite).toBe(100_000);
    expect(json.rules.added).toBe(9 + 9_091);
    expect(json.found.groups.filter(({ country }: { country: boolean }) => !country)).toMatchObject(
      [{ code: 'ZA', ranges: 9_091 }],
    );
    expect(seconds).toBeLessThan(30);
  });
});
