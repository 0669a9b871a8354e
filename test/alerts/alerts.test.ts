import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Alerts, alertsWaiting, createAlerts } from '../../src/alerts/index.ts';
import { type Database, openDatabase } from '../../src/database/index.ts';
import { createJournal } from '../../src/journal/index.ts';
import { build } from '../support/build.ts';
import { aCall, aStranger } from '../support/calls.ts';
import { listeningLog } from '../support/log.ts';
import { mailConfig } from '../support/mail-config.ts';
import {
  type MailServer,
  type MailServerOptions,
  parseMail,
  type ReceivedMail,
  smtpError,
  startMailServer,
} from '../support/smtp.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let folder: string;
let database: Database;
let now: number;
let log: ReturnType<typeof listeningLog>;
const cleanUp: (() => Promise<unknown> | unknown)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ipcountry-alerts-'));
  database = openDatabase(join(folder, 'test.db'));
  now = 1_700_000_000_000;
  log = listeningLog();
});
afterEach(async () => {
  for (const action of cleanUp.splice(0).reverse()) await action();
  database.close();
  rmSync(folder, { recursive: true });
});

async function mailServer(options: MailServerOptions = {}): Promise<MailServer> {
  const server = await startMailServer(options);
  cleanUp.push(() => server.close());
  return server;
}

function alertsTo(port: number, values: Record<string, number> = {}): Alerts {
  const alerts = createAlerts({
    database,
    mail: mailConfig({ port, ...values }),
    log: log.log,
    now: () => now,
    timeouts: { connection: 500, greeting: 500, socket: 500, program: 500 },
  });
  cleanUp.push(() => alerts.stop());
  return alerts;
}

/** Refused strangers, now. */
function strangers(...sources: string[]): void {
  const journal = createJournal(database, { log: log.log, alerts: true });
  database.transaction(() => {
    for (const source of sources) journal.record(aStranger(source, { at: now }));
  })();
  journal.close();
}

const subjects = (server: MailServer) =>
  server.mails.map(({ raw }) => parseMail(raw).headers.get('subject')?.[0]);
const messageId = ({ raw }: ReceivedMail) => parseMail(raw).headers.get('message-id')?.[0];

describe('while the mail server works', () => {
  it('the first stranger mails without being asked', async () => {
    const server = await mailServer();
    alertsTo(server.port).start();
    strangers('198.51.100.7');
    await vi.waitFor(() => expect(server.mails).toHaveLength(1), 10_000);
    expect(subjects(server)).toEqual(['ipcountry: stranger from 198.51.100.7 (RU) refused']);
    await vi.waitFor(() => expect(alertsWaiting(database)).toBe(0), 10_000);
  });

  it('repeats come in one digest', async () => {
    const server = await mailServer();
    const alerts = alertsTo(server.port);
    strangers('198.51.100.7');
    await alerts.flush();
    for (let i = 0; i < 5; i++) {
      now += 10 * MINUTE;
      strangers('198.51.100.7');
      await alerts.flush();
    }
    now += 10 * MINUTE;
    await alerts.flush();
    expect(subjects(server)).toEqual([
      'ipcountry: stranger from 198.51.100.7 (RU) refused',
      'ipcountry: 5 calls from 198.51.100.7 (RU) refused',
    ]);
    expect(new Set(server.mails.map(messageId)).size).toBe(2);
  });

  it('hostile callers change no header, and no tag', async () => {
    const evil = 'Bob\r\nBcc: all@example.com\r\n\r\n<img src=x>=?utf-8?Q?=0d=0aBcc:_x?=\u202e📞';
    const server = await mailServer();
    const call = aCall('198.51.100.7', {
      ...{ name: evil, number: evil, sipuri: evil, extension: evil, domain: evil, agent: evil },
    });
    const journal = createJournal(database, { log: log.log, alerts: true });
    journal.record(aStranger('198.51.100.7', { call, at: now }));
    await alertsTo(server.port).flush();
    const [mail] = server.mails;
    const { headers, text, html } = parseMail(mail!.raw);
    expect([...headers.keys()].sort()).toEqual(
      ['auto-submitted', 'content-type', 'date', 'from', 'message-id', 'mime-version'].concat([
        'subject',
        'to',
      ]),
    );
    expect(mail!.to).toEqual(['admin@example.com']);
    expect(headers.get('to')).toEqual(['admin@example.com']);
    expect(html).not.toContain('<img');
    expect(text).toContain('“Bob\\x0d\\x0aBcc: all@example.com\\x0d\\x0a\\x0d\\x0a<img src=x>');
    expect(text).toContain('\\u{202e}📞');
    expect(mail!.raw).not.toMatch(/[^\r]\n|\r[^\n]/); // no bare line end
  });

  it('a flood from 10 000 networks makes no more mails than the hour holds', async () => {
    const server = await mailServer();
    const alerts = alertsTo(server.port, { per_hour: 3 });
    for (let wave = 0; wave < 10; wave++) {
      strangers(...Array.from({ length: 1_000 }, (_, i) => `10.${wave}.${i >> 8}.${i & 255}`));
      await alerts.flush();
      now += 2_000;
    }
    expect(server.mails).toHaveLength(3);
    now += HOUR;
    await alerts.flush();
    expect(subjects(server)).toEqual([
      ...Array(3).fill('ipcountry: 1000 strangers from 1000 networks refused'),
      'ipcountry: 7000 strangers from 7000 networks refused',
    ]);
    expect(Math.max(...server.mails.map(({ raw }) => raw.length))).toBeLessThan(200_000);
    expect(alertsWaiting(database)).toBe(0);
  });

  it('recipients that are refused beside others are told of', async () => {
    const server = await mailServer({
      onRcptTo: ({ address }, _session, callback) =>
        callback(address.startsWith('gone') ? smtpError(550, 'no') : null),
    });
    const mail = mailConfig({ port: server.port, to: ['admin@example.com', 'gone@example.com'] });
    const alerts = createAlerts({ database, mail, log: log.log, now: () => now });
    strangers('198.51.100.7');
    await alerts.flush();
    await alerts.stop();
    expect(log.lines.at(-1)).toMatchObject({ level: 50, refused: ['gone@example.com'] });
  });

  it('without a recipient nothing is sent, and nothing is lost', async () => {
    const server = await mailServer();
    const mail = { ...mailConfig({ port: server.port }), to: [] };
    const alerts = createAlerts({ database, mail, log: log.log, now: () => now });
    strangers('198.51.100.7');
    await alerts.flush();
    await alerts.stop();
    expect([server.mails.length, alertsWaiting(database)]).toEqual([0, 1]);
  });
});

describe('while it does not', () => {
  it('mails wait until it is up, backing off', async () => {
    const closed = await startMailServer();
    await closed.close();
    const alerts = alertsTo(closed.port);
    strangers('198.51.100.7');
    const tries: number[] = [];
    for (let minute = 0; minute < 60; minute += 0.5) {
      const before = log.lines.length;
      await alerts.flush();
      if (log.lines.length > before) tries.push(minute);
      now += MINUTE / 2;
    }
    expect(tries).toEqual([0, 0.5, 1.5, 3.5, 7.5, 15.5, 30.5, 45.5]);
    expect(log.lines.at(-1)).toMatchObject({ level: 40, code: 'mail-unreachable', attempts: 8 });
    strangers('203.0.113.5');
    const server = await mailServer({ port: closed.port });
    now += 15 * MINUTE;
    await alerts.flush();
    expect(subjects(server)).toEqual([
      'ipcountry: stranger from 198.51.100.7 (RU) refused',
      'ipcountry: stranger from 203.0.113.5 (RU) refused',
    ]);
  });

  it('a clock that is set back holds nothing up', async () => {
    let refusing = true;
    const server = await mailServer({
      reply: () => {
        if (refusing) throw smtpError(451, 'try again later');
      },
    });
    const alerts = alertsTo(server.port);
    strangers('198.51.100.7');
    alerts.start();
    await vi.waitFor(() => expect(log.lines.at(-1)).toMatchObject({ attempts: 1 }), 10_000);
    refusing = false;
    strangers('198.51.100.8'); // owed a mail of its own, an hour ago
    now -= 60 * MINUTE;
    await vi.waitFor(() => expect(alertsWaiting(database)).toBe(0), 10_000);
    expect(subjects(server)).toEqual([
      ...Array(2).fill('ipcountry: stranger from 198.51.100.7 (RU) refused'),
      'ipcountry: stranger from 198.51.100.8 (RU) refused',
    ]);
  });

  it('a mail that was refused for now goes out later, as it was', async () => {
    let busy = true;
    const server = await mailServer({
      reply: () => {
        if (busy) throw smtpError(451, 'greylisted');
      },
    });
    const alerts = alertsTo(server.port);
    strangers('198.51.100.7');
    await alerts.flush();
    expect(alertsWaiting(database)).toBe(1);
    busy = false;
    now += MINUTE;
    await alerts.flush();
    expect(alertsWaiting(database)).toBe(0);
    expect(server.mails).toHaveLength(2);
    expect(messageId(server.mails[0]!)).toBe(messageId(server.mails[1]!));
  });

  it('silence after the message counts as not sent', async () => {
    let silent = true;
    const held: (() => void)[] = [];
    const server = await mailServer({
      reply: () => (silent ? new Promise<void>((resolve) => held.push(resolve)) : undefined),
    });
    const alerts = alertsTo(server.port);
    strangers('198.51.100.7');
    await alerts.flush();
    expect(log.lines.at(-1)).toMatchObject({ code: 'mail-timeout' });
    silent = false;
    now += MINUTE;
    await alerts.flush();
    expect(alertsWaiting(database)).toBe(0);
    expect(messageId(server.mails[0]!)).toBe(messageId(server.mails[1]!));
    for (const release of held) release();
  });

  it('a recipient refused for good is an error, tried slowly, never dropped', async () => {
    let gone = true;
    const server = await mailServer({
      onRcptTo: (_address, _session, callback) =>
        callback(gone ? smtpError(550, 'no such user') : null),
    });
    const alerts = alertsTo(server.port);
    strangers('198.51.100.7');
    for (let minute = 0; minute < 120; minute++) {
      await alerts.flush();
      now += MINUTE;
    }
    expect(log.lines).toMatchObject(Array(2).fill({ level: 50, code: 'mail-refused' }));
    gone = false;
    alerts.start(); // what an administrator has mended is tried at once
    await vi.waitFor(() => expect(server.mails).toHaveLength(1), 10_000);
  });

  it('a caller can’t silence the mails with text that filters refuse', async () => {
    const server = await mailServer({
      reply: ({ raw }) => {
        if (/EICAR/.test(raw)) throw smtpError(554, 'virus found');
      },
    });
    const journal = createJournal(database, { log: log.log, alerts: true });
    const call = aCall('198.51.100.7', { name: 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE!' });
    journal.record(aStranger('198.51.100.7', { call, at: now }));
    await alertsTo(server.port).flush();
    expect(server.mails).toHaveLength(2);
    expect(parseMail(server.mails[1]!.raw).text).toContain('What the callers wrote is left out');
    expect(alertsWaiting(database)).toBe(0);
  });

  it('a database that another program keeps locked only delays', async () => {
    const server = await mailServer();
    const alerts = alertsTo(server.port);
    strangers('198.51.100.7');
    database.pragma('busy_timeout = 0');
    const other = openDatabase(join(folder, 'test.db'));
    other.exec('BEGIN IMMEDIATE');
    await alerts.flush();
    expect(server.mails).toEqual([]);
    other.exec('COMMIT');
    other.close();
    await alerts.flush();
    expect(server.mails).toHaveLength(1);
  });

  it('a mail accepted while the database is locked is noted before anything else', async () => {
    const other = openDatabase(join(folder, 'test.db'));
    const server = await mailServer({ reply: () => void other.exec('BEGIN IMMEDIATE') });
    const alerts = alertsTo(server.port);
    strangers('198.51.100.7');
    database.pragma('busy_timeout = 0');
    const flushed = alerts.flush();
    const complaint = 'alerts: the outbox could not be written';
    await vi.waitFor(() => expect(log.lines.map(({ msg }) => msg)).toContain(complaint), 10_000);
    other.exec('COMMIT');
    other.close();
    await flushed;
    await alerts.flush();
    expect([server.mails.length, alertsWaiting(database)]).toEqual([1, 0]);
  });

  it('stopping gives up the mail that is being sent, and keeps it', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const server = await mailServer({ reply: () => held });
    const mail = mailConfig({ port: server.port });
    const alerts = createAlerts({ database, mail, log: log.log, now: () => now });
    strangers('198.51.100.7');
    alerts.start();
    await vi.waitFor(() => expect(server.mails).toHaveLength(1), 10_000);
    await alerts.stop(); // its own time limit is a minute
    expect(alertsWaiting(database)).toBe(1);
    release();
  });
});

describe('kill -9', () => {
  it('at any moment loses no alert, and what is sent twice bears the same Message-ID', async () => {
    const built = await build();
    cleanUp.push(built.remove);
    let child: ChildProcess | undefined;
    let mails = 0;
    const server = await mailServer({
      // Killed before the reply, after it, and somewhere between it and the note of it.
      reply: async () => {
        mails++;
        if (mails % 4 === 0) return;
        if (mails % 4 === 1) child?.kill('SIGKILL');
        else setTimeout(() => child?.kill('SIGKILL'), mails % 4);
      },
    });
    const script = join(built.folder, 'mailer.mjs');
    const mail = mailConfig({ port: server.port, per_hour: 10_000 });
    writeFileSync(
      script,
      `import { createAlerts } from './dist/alerts/index.js';
       import { openDatabase } from './dist/database/index.js';
       const quiet = { info() {}, warn() {}, error: console.error };
       createAlerts({ database: openDatabase(process.argv[2]), mail: ${JSON.stringify(mail)}, log: quiet }).start();
       setInterval(() => {}, 1_000);`,
    );
    const networks = Array.from({ length: 12 }, (_, i) => `198.51.100.${i}`);
    for (const network of networks) {
      now = Date.now();
      strangers(network);
      child = spawn(process.execPath, [script, join(folder, 'test.db')], { stdio: 'inherit' });
      const ended = once(child, 'exit');
      const told = () => server.mails.some(({ raw }) => parseMail(raw).text.includes(network));
      await vi.waitFor(
        () => expect(child?.killed || (told() && alertsWaiting(database) === 0)).toBe(true),
        10_000,
      );
      child.kill('SIGKILL');
      await ended;
    }
    child = undefined;
    now = Date.now();
    await alertsTo(server.port, { per_hour: 10_000 }).flush();
    expect(alertsWaiting(database)).toBe(0);
    const tellings = new Map<string, Set<string>>();
    for (const received of server.mails) {
      for (const [, source] of parseMail(received.raw).text.matchAll(/^ {2}from +([0-9.]+),/gm)) {
        tellings.set(source!, (tellings.get(source!) ?? new Set()).add(messageId(received)!));
      }
    }
    expect([...tellings.keys()].sort()).toEqual(networks.toSorted());
    for (const ids of tellings.values()) expect(ids.size).toBe(1);
    expect(server.mails.length).toBeGreaterThan(new Set(server.mails.map(messageId)).size);
  }, 60_000);
});
