import { mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import SQLite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openDatabase } from '../../src/database/index.ts';
import { addExtension, addRule, type List, parseSubject } from '../../src/policy/index.ts';
import { type Built, build } from '../support/build.ts';
import { startDnsServer } from '../support/dns-server.ts';
import { countryFile } from '../support/mmdb.ts';
import { ask, openPlace, type Place, type Sections, startFlow } from '../support/place.ts';
import type { Serving } from '../support/serving.ts';
import { parseMail, startMailServer } from '../support/smtp.ts';

const TRUSTED = '198.51.100.1';
const STRANGER = '203.0.113.66';

const POLL = { interval: 20, timeout: 30_000 };

let built: Built;
beforeAll(async () => {
  built = await build();
}, 60_000);
afterAll(() => built.remove());

/** Has a place with a few rules, and a server that runs there. */
async function atPlace(
  sections: Sections,
  test: (place: Place, serving: Serving) => Promise<void>,
): Promise<void> {
  const place = await openPlace(built, { screening: { rate_calls: 0 }, ...sections });
  try {
    change(place, 'trust', TRUSTED);
    await test(place, await place.serve());
  } finally {
    await place.remove();
  }
}

/** Adds a rule, as the command line does. */
function change(place: Place, list: List, subject: string): void {
  const database = openDatabase(place.file('ipcountry.db'));
  addRule(database, { list, subject: parseSubject(subject), origin: 'test' }, Date.now());
  const route = {
    kind: 'goto',
    context: 'from-internal',
    extension: '947',
    priority: '1',
  } as const;
  addExtension(database, { name: 'weather', route, origin: 'test' }, Date.now());
  database.close();
}

const errors = ({ lines }: Serving) => lines.filter(({ level }) => level === 'error');

describe.concurrent('a database that another program keeps locked', () => {
  it('for a second: calls are answered, and journalled afterwards in their order', () =>
    atPlace({ mail: { to: ['admin@example.com'] } }, async (place, serving) => {
      const other = place.database();
      other.exec('BEGIN IMMEDIATE');
      const end = performance.now() + 1_000;
      const asked: string[] = [];
      while (performance.now() < end) {
        const number = `${asked.length}`;
        asked.push(number);
        const source = asked.length % 2 ? TRUSTED : STRANGER;
        const reason = asked.length % 2 ? 'trusted' : 'country-unknown';
        expect(await ask(place.at, source, { number })).toMatchObject({ reason });
      }
      expect(other.prepare('SELECT count(*) FROM call').pluck().get()).toBe(0);
      other.exec('COMMIT');
      await serving.logged('journal: the waiting calls are written');
      const rows = other.prepare('SELECT number FROM call ORDER BY id').pluck().all();
      expect(rows).toEqual(asked);
      // Each refused stranger with the mail that is owed for it, and nobody else.
      const wrong = other.prepare(
        `SELECT call.id FROM call LEFT JOIN alert ON call_id = call.id
         WHERE (outcome = 'stranger') = (alert.id IS NULL)`,
      );
      expect(wrong.all()).toEqual([]);
      const complaints = errors(serving).filter(({ msg }) => msg.startsWith('journal'));
      expect(complaints.map(({ msg }) => msg)).toEqual([
        'journal: the database can not be written, calls wait for it',
      ]);
    }));

  it('while the configuration is reloaded: no call waits, and none is lost', () =>
    atPlace({}, async (place, serving) => {
      const other = place.database();
      other.exec('BEGIN IMMEDIATE');
      const flow = startFlow(place.at, TRUSTED);
      await flow.more(10);
      serving.child.kill('SIGHUP');
      await flow.more(30);
      other.exec('COMMIT');
      await serving.logged('configuration reloaded');
      await flow.stop();
      const rows = () => other.prepare('SELECT count(*) FROM call').pluck().get();
      await vi.waitFor(() => expect(rows()).toBe(flow.answers.length), POLL);
    }));
});

describe.concurrent('the last good policy stays in force', () => {
  it('with a rule made unsound by hand, and one complaint, until it is mended', () =>
    atPlace({}, async (place, serving) => {
      const hand = place.database();
      const started = performance.now();
      hand.exec(`INSERT INTO rule (id, list, kind, subject, origin, created_at)
                 VALUES (77, 'deny', 'country', 'UK', 'hand', 0);
                 DELETE FROM rule WHERE list = 'trust'`);
      const flow = startFlow(place.at, TRUSTED);
      await flow.more(50);
      await flow.stop();
      expect(flow.answers.every(({ reason }) => reason === 'trusted')).toBe(true);
      expect(await ask(place.at, STRANGER)).toMatchObject({ stranger: 'true' });
      const complaints = errors(serving);
      expect(complaints[0]).toMatchObject({
        msg: 'policy: reload failed, the last good one stays in force',
        err: { message: expect.stringMatching(/table rule, id 77: deny 'UK'.*mend it/) },
      });
      // One at once, and then one in five seconds.
      expect(complaints.length).toBeLessThanOrEqual(1 + (performance.now() - started) / 5_000);
      expect(await place.run('permit', 'US')).toMatchObject({
        code: 2,
        err: expect.stringContaining('id 77'),
      });

      hand.exec("UPDATE rule SET subject = 'GB' WHERE id = 77");
      expect(await ask(place.at, TRUSTED)).toMatchObject({ reason: 'country-unknown' });
    }));

  it('with a database that is overwritten; the next start says what is wrong', () =>
    atPlace({}, async (place, serving) => {
      const path = place.file('ipcountry.db');
      const hand = new SQLite(path);
      hand.pragma('wal_checkpoint(TRUNCATE)');
      hand.close();
      writeFileSync(path, 'dear diary\n'.repeat(statSync(path).size / 8));
      const flow = startFlow(place.at, TRUSTED);
      await flow.more(50);
      expect(await place.run('permit', 'US')).toMatchObject({ code: 2 });
      await flow.more(50);
      await flow.stop();
      expect(flow.answers.every(({ reason }) => reason === 'trusted')).toBe(true);
      expect(await ask(place.at, STRANGER)).toMatchObject({ stranger: 'true' });
      // What is done in the background complains when its time comes, or not in this test at all.
      const complaints = errors(serving).filter(({ msg }) => !/^(names|housekeeping)/.test(msg));
      expect(new Set(complaints.map(({ msg }) => msg))).toEqual(
        new Set([
          'policy: reload failed, the last good one stays in force',
          'journal: the database can not be written, calls wait for it',
        ]),
      );
      expect(await serving.end('SIGTERM')).toEqual({ code: 0, signal: null });
      expect(serving.lines.at(-2)).toMatchObject({
        ...{ level: 'fatal', msg: 'journal: closed with calls that were not written' },
        lost: flow.answers.length + 1,
      });
      await expect(place.serve()).rejects.toThrow(/is no SQLite database|damaged/);
    }));

  it('with a database that is moved away, and is asked for once', () =>
    atPlace({}, async (place, serving) => {
      const path = place.file('ipcountry.db');
      renameSync(path, `${path}.away`);
      const line = await serving.logged(
        'database: its file was moved, replaced or deleted; put it back, or restart with what is there',
      );
      expect(line).toMatchObject({ level: 'error', path });
      expect(await ask(place.at, TRUSTED)).toMatchObject({ reason: 'trusted' });
      expect(await ask(place.at, STRANGER)).toMatchObject({ stranger: 'true' });
      renameSync(`${path}.away`, path);
      change(place, 'permit', STRANGER);
      expect(await ask(place.at, STRANGER)).toMatchObject({ reason: 'permitted' });
      expect(errors(serving)).toHaveLength(1);
    }));
});

describe.concurrent('a mail server that hangs after DATA', () => {
  it('holds no call up, nor the stop; the mail goes out after the next start', async () => {
    let hanging = true;
    const server = await startMailServer({
      reply: () => (hanging ? new Promise(() => {}) : undefined),
    });
    const mail = { to: ['admin@example.com'], transport: 'smtp', host: '127.0.0.1' };
    await atPlace({ mail: { ...mail, port: server.port } }, async (place, serving) => {
      expect(await ask(place.at, STRANGER)).toMatchObject({ stranger: 'true' });
      await vi.waitFor(() => expect(server.mails).toHaveLength(1), POLL);
      const flow = startFlow(place.at, TRUSTED);
      await flow.more(100);
      await flow.stop();
      const begin = performance.now();
      expect(await serving.end('SIGTERM')).toEqual({ code: 0, signal: null });
      expect(performance.now() - begin).toBeLessThan(10_000); // its own patience is a minute
      hanging = false;
      await place.serve();
      await vi.waitFor(() => expect(server.mails).toHaveLength(2), POLL);
      const [first, second] = server.mails.map(({ raw }) => parseMail(raw));
      expect(second!.headers.get('message-id')).toEqual(first!.headers.get('message-id'));
      expect(second!.text).toContain(STRANGER);
    });
    await server.close();
  });
});

describe.concurrent('DNS that is gone', () => {
  it('holds no call up; the last good addresses stand, after a restart too', async () => {
    const dns = await startDnsServer();
    const name = 'grandma.example.net';
    dns.set(name, [STRANGER]);
    const names = { servers: [dns.address], interval: 5 };
    await atPlace({ names }, async (place, serving) => {
      change(place, 'permit', name);
      const permitted = async () =>
        expect(await ask(place.at, STRANGER)).toMatchObject({ reason: 'permitted' });
      await vi.waitFor(permitted, POLL);
      dns.set(name, 'servfail', 'servfail');
      const { length } = dns.questions;
      const [aRound, next] = [4, 1]; // both families, twice; then it has failed
      await vi.waitFor(
        () => expect(dns.questions.length).toBeGreaterThanOrEqual(length + aRound + next),
        POLL,
      );
      await permitted();
      expect(await serving.end('SIGTERM')).toEqual({ code: 0, signal: null });
      await place.serve();
      await permitted();
      dns.set(name, 'silence', 'silence'); // is waited for, but not by calls
      await permitted();
      expect(await ask(place.at, TRUSTED)).toMatchObject({ reason: 'trusted' });
    });
    await dns.close();
  });
});

describe.concurrent('a log that nobody reads any more', () => {
  it('does not end the server', () =>
    atPlace({}, async (place, serving) => {
      serving.child.stdout!.destroy();
      change(place, 'permit', STRANGER); // logged as 'policy loaded'
      expect(await ask(place.at, STRANGER)).toMatchObject({ reason: 'permitted' });
      change(place, 'deny', STRANGER);
      expect(await ask(place.at, STRANGER)).toMatchObject({ reason: 'denied' });
      expect(await serving.end('SIGTERM')).toEqual({ code: 0, signal: null });
    }));
});

describe.concurrent('what is looked at in the background', () => {
  it('a host name in a rule', async () => {
    const dns = await startDnsServer();
    try {
      await atPlace({ names: { servers: [dns.address], interval: 5 } }, async (place) => {
        const { at } = place;
        const name = 'grandma.example.net';
        change(place, 'permit', name);
        const reason = async () => (await ask(at, STRANGER)).reason;
        expect(await reason()).toBe('country-unknown'); // not resolved yet
        dns.set(name, [STRANGER], ['2001:db8:1::7']);
        await vi.waitFor(async () => expect(await reason()).toBe('permitted'), POLL);
        expect(await ask(at, '2001:db8:1::7')).toMatchObject({ reason: 'permitted' });
        expect(await ask(at, '2001:db8:1::8')).toMatchObject({ reason: 'country-unknown' });
      });
    } finally {
      await dns.close();
    }
  });

  it('the country file: a new one is taken, a damaged one is not, and no call fails', () =>
    atPlace({}, async (place, serving) => {
      mkdirSync(place.file('data'));
      const path = place.file('data/country.mmdb');
      const replace = (bytes: Buffer | string) => {
        writeFileSync(`${path}.new`, bytes);
        renameSync(`${path}.new`, path);
      };
      const flow = startFlow(place.at, TRUSTED);
      const countries = () => [...new Set(flow.answers.map(({ country }) => country))];
      await flow.more(5);
      expect(countries()).toEqual(['']); // the sample does not know it
      replace(countryFile({ '198.51.100.0/24': 'GB' }));
      await vi.waitFor(() => expect(countries()).toEqual(['', 'GB']), POLL);
      const builtAt = new Date('2026-02-01T00:00:00Z');
      replace(countryFile({ '198.51.100.0/24': 'SE' }, { builtAt }));
      await vi.waitFor(() => expect(countries()).toEqual(['', 'GB', 'SE']), POLL);
      expect(await serving.logged('country database loaded', 2)).toMatchObject({
        ...{ level: 'info', networks: 1, builtAt: builtAt.toISOString() },
      });

      writeFileSync(path, 'dear diary\n'.repeat(1_000));
      const line = await serving.logged('country database not loaded: the one in use is kept');
      expect(line).toMatchObject({
        level: 'error',
        fault: expect.stringContaining('no mmdb file'),
      });
      const { length } = flow.answers;
      await flow.more(20);
      await flow.stop();
      expect(new Set(flow.answers.slice(length).map(({ country }) => country))).toEqual(
        new Set(['SE']),
      );
    }));
});
