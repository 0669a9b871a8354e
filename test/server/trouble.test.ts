import { renameSync, statSync, writeFileSync } from 'node:fs';
import SQLite from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Built, build } from '../support/build.ts';
import { openShell, type Shell } from '../support/cli.ts';
import { ask, openPlace, type Place, startFlow } from '../support/place.ts';
import type { Serving } from '../support/serving.ts';

const TRUSTED = '198.51.100.1';
const STRANGER = '203.0.113.66';

let built: Built;
let place: Place;
let serving: Serving;
let shell: Shell;

beforeAll(async () => {
  built = await build();
}, 60_000);
afterAll(() => built.remove());
beforeEach(async () => {
  place = await openPlace(built, { screening: { rate_calls: 0 } });
  shell = openShell({ IPCOUNTRY_DATABASE_PATH: place.file('ipcountry.db') });
  await shell('trust', TRUSTED);
  await shell('extension', 'add', 'weather', '--goto', 'from-internal,947,1');
  serving = await place.serve();
});
afterEach(async () => {
  shell.remove();
  await place.remove();
});

const errors = () => serving.lines.filter(({ level }) => level === 'error');

describe('a database that another program keeps locked', () => {
  it('for a second: calls are answered, and journalled afterwards in their order', async () => {
    place.configure({ screening: { rate_calls: 0 }, mail: { to: ['admin@example.com'] } });
    serving.child.kill('SIGHUP');
    await serving.logged('configuration reloaded');
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
    // Each refused stranger with the mail that is owed for it.
    const alerts = other.prepare(
      'SELECT call.id FROM call LEFT JOIN alert ON call_id = call.id WHERE (outcome = ?) = (alert.id IS NULL)',
    );
    expect(alerts.all('stranger')).toEqual([]);
    const complaints = errors().filter(({ msg }) => msg.startsWith('journal'));
    expect(complaints.map(({ msg }) => msg)).toEqual([
      'journal: the database can not be written, calls wait for it',
    ]);
  });
});

describe('a rule made unsound by hand', () => {
  it('leaves the last good policy in force, with one complaint, until it is mended', async () => {
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
    const complaints = errors();
    expect(complaints[0]).toMatchObject({
      msg: 'policy: reload failed, the last good one stays in force',
      err: { message: expect.stringMatching(/table rule, id 77: deny 'UK'.*mend it/) },
    });
    // One at once, and then one in five seconds.
    expect(complaints.length).toBeLessThanOrEqual(1 + (performance.now() - started) / 5_000);
    expect(await shell('permit', 'US')).toMatchObject({
      code: 2,
      err: expect.stringContaining('id 77'),
    });

    hand.exec("UPDATE rule SET subject = 'GB' WHERE id = 77");
    expect(await ask(place.at, TRUSTED)).toMatchObject({ reason: 'country-unknown' });
  });
});

describe('a database that is overwritten', () => {
  it('leaves the last good policy in force; the next start says what is wrong', async () => {
    const path = place.file('ipcountry.db');
    const hand = new SQLite(path);
    hand.pragma('wal_checkpoint(TRUNCATE)');
    hand.close();
    writeFileSync(path, 'dear diary\n'.repeat(statSync(path).size / 8));
    const flow = startFlow(place.at, TRUSTED);
    await flow.more(50);
    expect(await shell('permit', 'US')).toMatchObject({ code: 2 });
    await flow.more(50);
    await flow.stop();
    expect(flow.answers.every(({ reason }) => reason === 'trusted')).toBe(true);
    expect(await ask(place.at, STRANGER)).toMatchObject({ stranger: 'true' });
    expect(errors().length).toBeLessThanOrEqual(3);
    expect(await serving.end('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(serving.errors()).toBe('');
    await expect(place.serve()).rejects.toThrow(/is no SQLite database|damaged/);
  });
});

describe('a database that is moved away', () => {
  it('leaves the last good policy in force, and is asked for once', async () => {
    const path = place.file('ipcountry.db');
    renameSync(path, `${path}.away`);
    const line = await serving.logged(
      'database: its file was moved, replaced or deleted; put it back, or restart with what is there',
    );
    expect(line).toMatchObject({ level: 'error', path });
    expect(await ask(place.at, TRUSTED)).toMatchObject({ reason: 'trusted' });
    expect(await ask(place.at, STRANGER)).toMatchObject({ stranger: 'true' });
    renameSync(`${path}.away`, path);
    expect(await shell('permit', STRANGER)).toMatchObject({ code: 0 });
    expect(await ask(place.at, STRANGER)).toMatchObject({ reason: 'permitted' });
    expect(errors()).toHaveLength(1);
  });
});
