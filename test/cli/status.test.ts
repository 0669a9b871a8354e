import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ServerState } from '../../src/agi/index.ts';
import { fileId } from '../../src/database/file-id.ts';
import { writeHeartbeat } from '../../src/guard/heartbeat.ts';
import { type AgiServer, freePort, STATE, startAgi } from '../support/agi-server.ts';
import { aStranger } from '../support/calls.ts';
import { openShell, type Shell } from '../support/cli.ts';
import { countryFile } from '../support/mmdb.ts';
import { journal } from '../support/shell-journal.ts';

const HOST = '127.77.0.1';
const DAY = 86_400_000;

let shell: Shell;
let server: AgiServer | undefined;
beforeEach(async () => {
  shell = openShell({ IPCOUNTRY_AGI_HOST: HOST });
  await shell('list'); // makes the database
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  shell.remove();
});

const path = () => shell.env['IPCOUNTRY_DATABASE_PATH']!;

/** A server that says of itself that it is well, but for what is said otherwise. */
async function serve(state: Partial<ServerState> = {}): Promise<void> {
  const own = { ...STATE, database: fileId(path())!, problems: [], ...state };
  server = await startAgi({ state: () => own });
  shell.env['IPCOUNTRY_AGI_PORT'] = String(server.listener.address.port);
}

/** Changes the database by hand. */
function sql(statement: string, ...values: unknown[]): void {
  const database = new SQLite(path());
  database.prepare(statement).run(...values);
  database.close();
}

function country(builtAt: Date): void {
  shell.env['IPCOUNTRY_COUNTRY_PATH'] = join(shell.folder, 'country.mmdb');
  writeFileSync(
    shell.env['IPCOUNTRY_COUNTRY_PATH'],
    countryFile({ '81.2.69.0/24': 'GB' }, { builtAt }),
  );
}

/** Exit code, and the codes of the problems. */
async function status(): Promise<[number, ...string[]]> {
  const { code, json } = await shell('status', '--json');
  expect(json.healthy).toBe(json.problems.length === 0);
  return [code, ...json.problems.map((problem: { code: string }) => problem.code)];
}

describe('status of what is well', () => {
  it('exits with 0, and tells what there is', async () => {
    await serve({ mode: 'monitor' });
    await shell('mode', 'monitor');
    await shell('deny', '203.0.113.7');
    journal(shell, [aStranger('192.0.2.1', { at: Date.now() })]);
    const { code, json } = await shell('status', '--json');
    expect(code).toBe(0);
    expect(json).toMatchObject({
      ...{ healthy: true, problems: [], mode: 'monitor', extensions: 0, domains: 0, blocks: 0 },
      server: {
        ...{ host: HOST, port: server!.listener.address.port, answers: true },
        started: new Date(STATE.started).toISOString(),
      },
      rules: { trust: 0, deny: 1, permit: 8 },
      lastDay: { allow: 0, stranger: 1, unlisted: 0 },
      mail: { to: [], waiting: 0 },
      guard: null,
      firewall: { level: 'blocks', chosen: false, stands: null, trial: null },
      notes: [
        expect.stringMatching(/^only the small built-in sample/),
        expect.stringMatching(/^monitor mode/),
      ],
    });
    // Nobody has called, and nothing went wrong.
    expect([server!.calls, server!.failures, server!.lines]).toEqual([[], [], []]);
  });

  it('is read by people', async () => {
    await serve();
    const { code, out, err } = await shell('status');
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(
      /^server +answers on 127\.77\.0\.1:\d+, since 2023-11-1[45] \d\d:\d\d:\d\d$/m,
    );
    expect(out).toMatch(/^guard +has never run$/m);
    expect(out).toMatch(/\n\nall is well\n$/);
  });
});

describe('a problem', () => {
  it('is named with what to do about it', async () => {
    shell.env['IPCOUNTRY_AGI_PORT'] = String(await freePort());
    const { code, out } = await shell('status');
    expect(code).toBe(1);
    expect(out).toMatch(
      /\n1 problem:\n {2}no server listens on 127\.77\.0\.1:\d+: calls are not screened\n {4}start it: .*\n$/,
    );
  });

  it.each<[string, string, (port: number) => Promise<() => unknown>]>([
    [
      'a port that only listens',
      'server-silent',
      async (port) => {
        const listening = createServer();
        await new Promise<void>((done) => listening.listen(port, HOST, done));
        listening.on('connection', (socket) => socket.on('error', () => {}).resume());
        return () => new Promise((done) => listening.close(done));
      },
    ],
    [
      'another server',
      'server-strange',
      async (port) => {
        const other = createServer((socket) =>
          socket
            .on('error', () => {})
            .resume()
            .end('220 mail\r\n'),
        );
        await new Promise<void>((done) => other.listen(port, HOST, done));
        return () => new Promise((done) => other.close(done));
      },
    ],
    [
      'a server that we may not ask',
      'server-closed',
      async (port) => {
        const closed = await startAgi({ port, allow: ['192.0.2.1'] });
        return () => closed.close();
      },
    ],
  ])('%s', async (_, code, start) => {
    const port = await freePort();
    shell.env['IPCOUNTRY_AGI_PORT'] = String(port);
    const stop = await start(port);
    try {
      expect(await status()).toEqual([1, code]);
    } finally {
      await stop();
    }
  });

  it('a server that works with another database', async () => {
    await serve({ database: '1:2' });
    expect(await status()).toEqual([1, 'server-other-database']);
  });

  it('what the server knows of itself; words of a later version are let pass', async () => {
    await serve({ problems: ['policy-stale', 'journal-waiting', 'unheard-of'] });
    expect(await status()).toEqual([1, 'policy-stale', 'journal-waiting']);
  });

  it('rules that can not be loaded, or not all of them', async () => {
    await serve();
    await shell('extension', 'add', 'weather', '--goto', 'from-internal,947,1');
    sql("UPDATE extension SET route = 'dial,x&y'");
    expect(await status()).toEqual([1, 'policy-entry']);
    sql("UPDATE rule SET subject = 'nonsense' WHERE subject = '::1'");
    expect(await status()).toContain('policy-unsound');
  });

  it('country data: a sample where there are rules for countries, old, or damaged', async () => {
    await serve();
    await shell('permit', 'GB');
    expect(await status()).toEqual([1, 'country-sample']);
    country(new Date(Date.now() - 59 * DAY));
    expect(await status()).toEqual([0]);
    country(new Date(Date.now() - 62 * DAY));
    expect(await status()).toEqual([1, 'country-old']);
    writeFileSync(shell.env['IPCOUNTRY_COUNTRY_PATH']!, 'nonsense');
    expect(await status()).toEqual([1, 'country-unreadable']);
  });

  it('mail that can not be sent for ten minutes', async () => {
    await serve();
    shell.env['IPCOUNTRY_MAIL_TO'] = 'admin@example.com';
    const now = Date.now();
    sql('INSERT INTO mail (created_at, due_at, attempts) VALUES (?, ?, 1)', now - 540_000, now);
    expect(await status()).toEqual([0]);
    sql('UPDATE mail SET created_at = ?', now - 660_000);
    expect(await status()).toEqual([1, 'mail-stuck']);
    sql('UPDATE mail SET attempts = 0'); // waits for its turn
    expect(await status()).toEqual([0]);
    sql('UPDATE mail SET attempts = 7, sent_at = ?', now);
    expect(await status()).toEqual([0]);
  });

  it('a guard that died, or has lost Asterisk', async () => {
    await serve();
    const now = Date.now();
    const write = (facts: object) => {
      const database = new SQLite(path());
      const life = { since: now - DAY, at: now, away: null, stopped: false, ...facts };
      writeHeartbeat(database, life);
      database.close();
    };
    // The firewall of this machine is not looked at.
    await shellOff();
    write({});
    expect(await status()).toEqual([0]);
    expect((await shell('status')).out).toMatch(/^guard +runs since \d{4}-/m);
    write({ away: now - 300_000 });
    expect(await status()).toEqual([1, 'guard-away']);
    write({ at: now - 300_000 });
    expect(await status()).toEqual([1, 'guard-stopped']);
    write({ at: now - 300_000, stopped: true });
    expect(await status()).toEqual([0]);
    expect((await shell('status')).out).toMatch(/^guard +not running, last seen \d{4}-/m);
  });

  const choose = (choice: object) =>
    sql(
      "INSERT OR REPLACE INTO setting VALUES ('firewall', ?)",
      JSON.stringify({
        options: { invalid: false, bogons: false, tiny: false, rates: false, traps: false },
        ...{ ssh: [], own: [] },
        ...choice,
      }),
    );
  const shellOff = async () => choose({ level: 'off' });

  it('a firewall that is chosen and does not stand, or can not be asked', async () => {
    await serve();
    const nft = join(shell.folder, 'nft');
    shell.env['IPCOUNTRY_FIREWALL_NFT'] = nft;
    /** Another nft: what the real one says, test/firewall and test/asterisk look at. */
    const says = (text: string, code: number) =>
      writeFileSync(nft, `#!/bin/sh\necho '${text}' >&2\nexit ${code}\n`, { mode: 0o755 });
    choose({ level: 'sip' });
    expect(await status()).toEqual([1, 'firewall-unknown']); // no nft
    says('Error: No such file or directory', 1);
    expect(await status()).toEqual([1, 'firewall-absent']);
    says('Error: Could not process rule: Operation not permitted', 1);
    expect(await status()).toEqual([0]);
    expect((await shell('status', '--json')).json).toMatchObject({
      firewall: { level: 'sip', stands: null },
      notes: [expect.anything(), 'whether the firewall stands, root alone can see'],
    });
    says('', 0);
    expect(await status()).toEqual([0]);
    expect((await shell('status')).out).toMatch(
      /^firewall +level sip, stands; 0 sources blocked$/m,
    );
    sql("UPDATE setting SET value = 'x' WHERE name = 'firewall'");
    expect(await status()).toEqual([1, 'firewall-unknown']);
  });
});

describe('a database that can not be read', () => {
  it.each<[string, () => void]>([
    [
      'none',
      () => writeFileSync(path(), 'this is a text file, long enough to be no SQLite header'),
    ],
    ['of a newer version', () => sql('PRAGMA user_version = 9999')],
  ])('%s is a problem, and the rest is told', async (_, harm) => {
    await serve();
    harm();
    const { code, json } = await shell('status', '--json');
    expect([code, json.problems.map((problem: { code: string }) => problem.code)]).toEqual([
      1,
      ['database'],
    ]);
    expect(json).toMatchObject({ mode: null, server: { answers: true }, firewall: null });
    expect((await shell('status')).out).toMatch(/^server +answers /m);
  });

  it('with damaged pages, too', async () => {
    journal(
      shell,
      Array.from({ length: 200 }, (_, i) => aStranger('192.0.2.1', { at: Date.now() + i })),
    );
    sql('PRAGMA wal_checkpoint(TRUNCATE)');
    await serve();
    const bytes = readFileSync(path());
    bytes.fill(0x55, 8_192); // all pages but the first two
    writeFileSync(path(), bytes);
    expect((await status()).slice(0, 2)).toEqual([1, 'database']);
  });

  it('by whoever asks is a failure of status itself: exit 2', async () => {
    shell.env['IPCOUNTRY_DATABASE_PATH'] = shell.folder;
    const { code, out, err } = await shell('status');
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^ipcountry: database .*: can't be opened/);
  });
});
