import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatRange } from '../../src/address/index.ts';
import { Fault } from '../../src/errors.ts';
import { readFreepbx } from '../../src/freepbx/index.ts';
import type { MariaDbSettings } from '../../src/mariadb/index.ts';
import { type MariaDb, startMariaDb } from '../support/mariadb.ts';
import { FREEPBX_TABLES, insertsOf } from './tables.ts';

const PASSWORD = 's3cret\'"\\pass';
const CONTENT = {
  trunks: [
    [1, 'Fournisseur «été»', 'pjsip'],
    [2, 'Branch', 'iax2'],
    [3, 'Old', 'sip', 'on'],
  ],
  devices: { 1001: 'sip', 1002: 'pjsip' },
  sip: {
    '1001': { host: 'dynamic', permit: '203.0.113.0/255.255.255.0', secret: 'x' },
    '1002': { match: '2001:db8::7' },
    'tr-peer-3': { host: 'old.example.com' },
  },
  iax: { 'tr-peer-2': { HOST: '203.0.113.9' }, 'tr-reg-2': { register: 'me:secret@not a host' } },
  pjsip: { 1: { sip_server: 'sip.example.com', match: '203.0.113.7,203.0.113.8', secret: 'x' } },
} as const;

describe("FreePBX's database", () => {
  let mariadb: MariaDb;
  let settings: MariaDbSettings;

  beforeAll(async () => {
    mariadb = await startMariaDb();
    settings = {
      ...{ host: '127.0.0.1', port: mariadb.port, database: 'asterisk' },
      ...{ user: 'ipcountry', password: PASSWORD },
    };
    const password = `IDENTIFIED BY '${PASSWORD.replace(/['\\]/g, '\\$&')}'`;
    await mariadb.run(
      'CREATE DATABASE asterisk CHARACTER SET utf8mb4',
      'CREATE DATABASE other',
      'USE asterisk',
      ...FREEPBX_TABLES,
      ...insertsOf(CONTENT),
      `CREATE USER 'ipcountry'@'localhost' ${password}`,
      "GRANT SELECT ON asterisk.* TO 'ipcountry'@'localhost'",
      "GRANT SELECT ON other.* TO 'ipcountry'@'localhost'",
      `CREATE USER 'nothing'@'localhost' ${password}`,
      `CREATE USER 'part'@'localhost' ${password}`,
      "GRANT SELECT ON asterisk.trunks TO 'part'@'localhost'",
    );
  });
  afterAll(() => mariadb?.stop());

  const faultOf = async (changed: Partial<MariaDbSettings>): Promise<Fault> => {
    const fault = await readFreepbx({ ...settings, ...changed }).then(
      () => undefined,
      (cause: unknown) => cause,
    );
    expect(fault).toBeInstanceOf(Fault);
    expect((fault as Fault).message).not.toContain('s3cret');
    return fault as Fault;
  };

  it.each(['port', 'socket'])('is read over its %s', async (way) => {
    const socket = way === 'socket' ? mariadb.socket : undefined;
    const { peers, remarks } = await readFreepbx({ ...settings, socket });
    expect(
      peers.map(({ technology, name, role, range, host }) => [
        `${technology}/${name}`,
        role,
        range ? formatRange(range) : host,
      ]),
    ).toEqual([
      ['PJSIP/Fournisseur «été»', 'trunk', '203.0.113.7'],
      ['PJSIP/Fournisseur «été»', 'trunk', '203.0.113.8'],
      ['PJSIP/Fournisseur «été»', 'trunk', 'sip.example.com'],
      ['SIP/1001', 'phone', '203.0.113.0/24'],
      ['PJSIP/1002', 'phone', '2001:db8::7'],
      ['IAX2/Branch', 'trunk', '203.0.113.9'],
    ]);
    expect(remarks).toEqual(["IAX2/Branch: register can't be understood; left out"]);
  });

  it('is only read: by the account, and by the session before it looks at anything', async () => {
    const { host, port, user, password, database } = settings;
    const account = await createConnection({ host, port, user, password, database });
    await expect(account.query("INSERT INTO devices (id) VALUES ('9')")).rejects.toMatchObject({
      code: 'ER_TABLEACCESS_DENIED_ERROR',
    });
    await account.end();

    await mariadb.run("SET GLOBAL log_output = 'TABLE'", 'SET GLOBAL general_log = 1');
    await readFreepbx(settings);
    await mariadb.run('SET GLOBAL general_log = 0');
    const { said } = await mariadb.row(
      `SELECT GROUP_CONCAT(LEFT(argument, 40) ORDER BY event_time SEPARATOR '\n') AS said
       FROM mysql.general_log WHERE user_host LIKE '%ipcountry%' AND command_type = 'Query'`,
    );
    const [first, second, ...rest] = String(said)
      .split('\n')
      .map((line) => line.trim());
    expect([first, second]).toEqual([
      'SET SESSION TRANSACTION READ ONLY',
      'START TRANSACTION WITH CONSISTENT SNAPSH',
    ]);
    expect(rest.length).toBeGreaterThanOrEqual(5);
    for (const question of rest) expect(question).toMatch(/^(SELECT|WHERE) /);
  });

  it.each<[string, Partial<MariaDbSettings>]>([
    ['a wrong password', { password: 'wrong' }],
    ['no password', { password: '' }],
    ['an unknown account', { user: 'nobody' }],
    ['an account without rights', { user: 'nothing' }],
    ['an account with too few rights', { user: 'part' }],
    ['a database that the account may not see', { database: 'mysql' }],
  ])('refuses %s, and we say how to make an account', async (_, changed) => {
    const { code, message } = await faultOf(changed);
    expect(code).toBe('mariadb-refused');
    const { user, database } = { ...settings, ...changed };
    expect(message).toContain(`CREATE USER '${user}'@'localhost' IDENTIFIED BY 'a password'; `);
    expect(message).toContain(`GRANT SELECT ON ${database}.* TO '${user}'@'localhost'`);
  });

  it("is told from one that is not FreePBX's", async () => {
    expect(await faultOf({ database: 'other' })).toMatchObject({
      code: 'mariadb-not',
      message:
        "FreePBX's tables are not in database 'other' (no such table); check freepbx.database",
    });
    expect((await faultOf({ user: 'root', password: '', database: 'gone' })).message).toContain(
      "'gone' (no such database)",
    );
  });

  it('is not reached where nobody listens', async () => {
    expect((await faultOf({ port: 9 })).message).toMatch(/127\.0\.0\.1:9: .*\(ECONNREFUSED\)/);
    expect((await faultOf({ host: '::1', port: 9 })).message).toContain('[::1]:9');
    expect((await faultOf({ socket: '/nonexistent/socket' })).message).toMatch(
      /\/nonexistent\/socket: .*\(ENOENT\)/,
    );
  });

  describe('is something else:', () => {
    const listen = async (greet: (socket: Socket) => void) => {
      const server = createServer((socket) => {
        socket.on('error', () => {}).resume();
        greet(socket);
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as { port: number };
      // Waits for the other side to hang up.
      return { port, close: () => once(server.close(), 'close') };
    };

    /** A greeting of MariaDB, as far as `bytes`. */
    const greeting = (bytes: number) => {
      const text = `4f00000a352e352e352d31302e31312e36002a0000004142434445464748${'00fef7080200ff8115000000000000000000004142434445464748494a4b4c006d7973716c5f6e61746976655f70617373776f726400'}`;
      return Buffer.from(text, 'hex').subarray(0, bytes);
    };

    it.concurrent.each<[string, (socket: Socket) => void]>([
      ['silence', () => {}],
      ['a greeting, then silence', (socket) => socket.write(greeting(1_000))],
      ['half a greeting', (socket) => socket.write(greeting(20))],
      ['half a greeting, then the end', (socket) => socket.end(greeting(20))],
      ['SSH', (socket) => socket.write('SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n')],
      ['HTTP', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n')],
      ['zeros', (socket) => socket.write(Buffer.alloc(1_000))],
      ['noise', (socket) => socket.write(Buffer.from(`05000000${'ff'.repeat(300)}`, 'hex'))],
      ['an end', (socket) => socket.destroy()],
    ])(
      '%s',
      async (_, greet) => {
        const { port, close } = await listen(greet);
        const begun = performance.now();
        const { code, message } = await faultOf({ port });
        expect(performance.now() - begun).toBeLessThan(7_000);
        expect(code, message).toBe('mariadb-unreachable');
        await close();
      },
      15_000,
    );
  });
});
