import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectPeer, environment, OK, type Peer, variablesOf } from '../support/agi-peer.ts';
import { freePort } from '../support/agi-server.ts';
import { type Built, build } from '../support/build.ts';
import { openShell } from '../support/cli.ts';
import {
  ask,
  callFrom,
  HOST,
  openPlace,
  type Place,
  type Sections,
  startFlow,
} from '../support/place.ts';
import type { Serving } from '../support/serving.ts';

const TRUSTED = '198.51.100.1';
const PERMITTED = '198.51.100.2';
const STRANGER = '192.0.2.66';

let built: Built;
let place: Place;
let serving: Serving;

beforeAll(async () => {
  built = await build();
}, 60_000);
afterAll(() => built.remove());
beforeEach(async () => {
  place = await openPlace(built);
  const shell = openShell({ IPCOUNTRY_DATABASE_PATH: place.file('ipcountry.db') });
  await shell('trust', TRUSTED);
  await shell('permit', PERMITTED);
  await shell('extension', 'add', 'weather', '--goto', 'from-internal,947,1');
  shell.remove();
});
afterEach(() => place.remove());

async function serve(sections: Sections = {}): Promise<void> {
  place.configure(sections);
  serving = await place.serve();
}

const journalled = () => place.database().prepare('SELECT count(*) FROM call').pluck().get();

/** Callers in the middle of their environment. */
async function halfway(count: number): Promise<{ peer: Peer; rest: string }[]> {
  const text = environment(callFrom(PERMITTED));
  return Promise.all(
    Array.from({ length: count }, async () => {
      const peer = await connectPeer(place.at);
      await peer.send(text.slice(0, 300));
      return { peer, rest: text.slice(300) };
    }),
  );
}

/** The longest deadline that can be set: longer than what these tests do within a call. */
const LONG = 2_500;

describe('a signal to stop', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    '%s in the middle of calls: they are answered, no new one is taken, exit code 0',
    async (signal) => {
      await serve({ agi: { deadline: LONG } });
      const calls = await halfway(10);
      // The last to connect has been answered, so the server has seen all of them.
      expect(await ask(place.at, TRUSTED)).toMatchObject({ reason: 'trusted' });
      serving.child.kill(signal);
      await serving.logged('stopping: calls in progress are answered');
      await expect(ask(place.at, TRUSTED)).rejects.toThrow('closed before command');
      for (const { peer, rest } of calls) {
        await peer.send(rest);
        expect(variablesOf(await peer.command())).toMatchObject({ reason: 'permitted' });
        await peer.send(OK);
      }
      expect(await serving.ended).toEqual({ code: 0, signal: null });
      expect(serving.lines.at(-1)).toMatchObject({ level: 'info', msg: 'stopped' });
      expect(serving.errors()).toBe('');
      expect(journalled()).toBe(11);
    },
  );

  it('with callers who say no more ends at their deadline', async () => {
    await serve();
    const calls = await halfway(3);
    await ask(place.at, TRUSTED);
    expect(await serving.end('SIGTERM')).toEqual({ code: 0, signal: null });
    for (const { peer } of calls) await peer.closed;
    expect(journalled()).toBe(1);
  });

  it.each([
    ['SIGTERM', 'SIGTERM'],
    ['SIGINT', 'SIGTERM'],
  ] as const)('%s and then %s ends at once', async (first, second) => {
    await serve({ agi: { deadline: LONG } });
    await halfway(1);
    await ask(place.at, TRUSTED);
    serving.child.kill(first);
    await serving.logged('stopping: calls in progress are answered');
    expect(await serving.end(second)).toEqual({ code: null, signal: second });
  });
});

describe('SIGHUP', () => {
  let reloads: number;
  beforeEach(() => {
    reloads = 0;
  });

  /** With the file as it is now. */
  async function reload(sections: Sections): Promise<void> {
    place.configure(sections);
    serving.child.kill('SIGHUP');
    await serving.logged('configuration reloaded', ++reloads);
  }

  it('takes a changed file while calls flow, and none of them fails', async () => {
    await serve();
    const flow = startFlow(place.at, TRUSTED);
    await flow.more(20);
    for (let calls = 1; calls <= 5; calls++) {
      await reload({ screening: { rate_calls: calls, rate_seconds: 3_600 } });
      const reasons = [];
      for (let i = 0; i <= calls; i++) reasons.push((await ask(place.at, PERMITTED)).reason);
      expect(reasons).toEqual([...Array<string>(calls).fill('permitted'), 'rate']);
      await flow.more(10);
    }
    await flow.stop();
    const { length } = flow.answers;
    expect(flow.answers.filter(({ reason }) => reason === 'trusted')).toHaveLength(length);
    expect(journalled()).toBe(length + 2 + 3 + 4 + 5 + 6);
  });

  it('takes mail.to, agi.allow and log.level', async () => {
    await serve();
    const alerts = place.database();
    const owed = () => alerts.prepare('SELECT count(*) FROM alert').pluck().get();
    await ask(place.at, STRANGER);
    expect(owed()).toBe(0);
    // Nobody listens on that port: the mail waits.
    const mail = { to: ['admin@example.com'], transport: 'smtp', host: HOST, port: 9 };
    await reload({ mail });
    await ask(place.at, STRANGER);
    expect(owed()).toBe(1);

    await reload({ agi: { allow: ['127.0.0.9'] }, log: { level: 'debug' } });
    await expect(ask(place.at, STRANGER)).rejects.toThrow('closed before command');
    const peer = await connectPeer(place.at, '127.0.0.9');
    await peer.send(environment(callFrom(STRANGER)));
    expect(variablesOf(await peer.command())).toMatchObject({ stranger: 'true' });
    await peer.send(OK);
    expect(await serving.logged('call')).toMatchObject({ level: 'debug', outcome: 'stranger' });
    expect(owed()).toBe(1); // mail is off again
  });

  it('moves the port: calls in progress end on the old one, new ones go to the new one', async () => {
    await serve({ agi: { deadline: LONG } });
    const [call] = await halfway(1);
    await ask(place.at, TRUSTED);
    const port = await freePort(HOST);
    place.configure({ agi: { deadline: LONG, port } });
    serving.child.kill('SIGHUP');
    const moved = { address: HOST, port };
    await expect.poll(() => ask(moved, TRUSTED).catch(() => undefined), POLL).toBeDefined();
    await call!.peer.send(call!.rest);
    expect(variablesOf(await call!.peer.command())).toMatchObject({ reason: 'permitted' });
    await call!.peer.send(OK);
    await serving.logged('configuration reloaded');
    await expect(ask(place.at, TRUSTED)).rejects.toThrow('closed before command');
    expect(await ask(moved, TRUSTED)).toMatchObject({ reason: 'trusted' });
  });

  it('with a file that is wrong changes nothing, and says which key on which line', async () => {
    await serve({ screening: { rate_calls: 3, rate_seconds: 3_600 } });
    const flow = startFlow(place.at, TRUSTED);
    const failed = async (n: number) =>
      (await serving.logged('reload failed: the configuration in use stays', n))['fault'];
    const wrong = (sections: Sections) => {
      place.configure(sections);
      serving.child.kill('SIGHUP');
    };

    wrong({ screening: { rate_calls: 'many' } });
    expect(await failed(1)).toMatch(
      /ipcountry.toml line \d+: screening.rate_calls: expected a whole number/,
    );
    writeFileSync(place.file('diary'), 'dear diary\n'.repeat(1_000));
    wrong({ database: { path: place.file('diary') } });
    expect(await failed(2)).toMatch(/diary: this file is no SQLite database/);
    wrong({ country: { path: place.file('diary') } });
    expect(await failed(3)).toMatch(/diary: this is no mmdb file/);
    wrong({ country: { source: 'dbip', schedule: 'daily' } });
    expect(await failed(4)).toMatch(/country.schedule: 'daily' is no cron line/);
    const holder = createServer();
    const port = await freePort(HOST);
    await new Promise<void>((done) => holder.listen(port, HOST, done));
    wrong({ agi: { port } });
    expect(await failed(5)).toMatch(/is in use/);
    await new Promise((done) => holder.close(done));

    await flow.more(10);
    await flow.stop();
    expect(flow.answers.every(({ reason }) => reason === 'trusted')).toBe(true);
    const reasons = [];
    for (let i = 0; i < 4; i++) reasons.push((await ask(place.at, PERMITTED)).reason);
    expect(reasons).toEqual(['permitted', 'permitted', 'permitted', 'rate']);
    const errors = serving.lines.filter(({ level }) => level === 'error');
    expect(errors).toHaveLength(5);
  });

  it('many at once, with SIGTERM behind: the last one counts', async () => {
    await serve();
    for (let i = 0; i < 5; i++) serving.child.kill('SIGHUP');
    await serving.logged('configuration reloaded');
    serving.child.kill('SIGHUP');
    expect(await serving.end('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(serving.errors()).toBe('');
    expect(serving.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

const POLL = { interval: 20, timeout: 10_000 };
