import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../support/agi-server.ts';
import { type Built, build } from '../support/build.ts';
import { ask, openPlace, type Place, type Sections } from '../support/place.ts';
import { type MailServer, parseMail, startMailServer } from '../support/smtp.ts';

const CALLERS = 4;

let built: Built;
let place: Place;
let mailServer: MailServer | undefined;

beforeAll(async () => {
  built = await build();
}, 60_000);
afterAll(() => built.remove());
beforeEach(async () => {
  place = await openPlace(built);
});
afterEach(async () => {
  await mailServer?.close();
  mailServer = undefined;
  await place.remove();
});

/** No two calls come from the same network. */
let networks = 0;
const stranger = () => `198.18.${networks >> 8}.${networks++ & 255}`;

/** Starts the server, places calls without a pause, kills it after so many answers. */
async function killedAfter(answers: number): Promise<Set<string>> {
  const serving = await place.serve();
  const answered = new Set<string>();
  const caller = async () => {
    for (;;) {
      const source = stranger();
      const { reason } = await ask(place.at, source); // rejects when the server is dead
      expect(reason).toBe('country-unknown');
      answered.add(source);
      if (answered.size === answers) serving.child.kill('SIGKILL');
    }
  };
  await Promise.allSettled(Array.from({ length: CALLERS }, caller));
  expect(await serving.ended).toEqual({ code: null, signal: 'SIGKILL' });
  return answered;
}

/** Sources of the calls, in the order of the rows. */
function journalled(): string[] {
  return place.database().prepare('SELECT source FROM call ORDER BY id').pluck().all() as string[];
}

describe('kill -9 in the middle of calls', () => {
  it('loses no answered call, and leaves a sound database', async () => {
    const answered: string[] = [];
    for (const answers of [1, 5, 40, 150]) {
      answered.push(...(await killedAfter(answers)));
      const rows = journalled();
      expect(new Set(rows).size).toBe(rows.length); // a call is never written twice
      expect(rows).toEqual(expect.arrayContaining(answered));
      // Written, but the answer never came out: at most what was in progress in each round.
      expect(rows.length - answered.length).toBeLessThanOrEqual(4 * CALLERS);
      expect(place.database().pragma('integrity_check', { simple: true })).toBe('ok');
    }
    const serving = await place.serve();
    expect(await ask(place.at, '127.0.0.1')).toMatchObject({ stranger: 'false' });
    expect(await serving.end('SIGTERM')).toEqual({ code: 0, signal: null });
  });
});

/** Mail goes to this port, whether anybody listens there or not. */
function withMail(port: number): Sections {
  return {
    mail: {
      ...{ to: ['admin@example.com'], from: 'pbx@example.com', per_hour: 1_000 },
      ...{ transport: 'smtp', host: '127.0.0.1', port, security: 'none' },
    },
  };
}

/** The mails that each source is told of in, by their Message-ID. */
function toldIn(): Map<string, string[]> {
  const mails = new Map<string, string[]>();
  for (const { raw } of mailServer!.mails) {
    const { headers, text } = parseMail(raw);
    expect(text).not.toMatch(/ more networks/); // the test would have to slow its strangers down
    for (const [, source] of text.matchAll(/^ {2}from +([0-9.]+),/gm)) {
      mails.set(source!, [...(mails.get(source!) ?? []), headers.get('message-id')![0]!]);
    }
  }
  return mails;
}

const waiting = () =>
  place
    .database()
    .prepare(
      'SELECT count(*) FROM alert LEFT JOIN mail ON mail.id = mail_id WHERE mail.sent_at IS NULL',
    )
    .pluck()
    .get();

const PATIENCE = { interval: 20, timeout: 15_000 };

/** Milliseconds from one stranger to the next: fewer come in a round than one mail can show. */
const BETWEEN_STRANGERS = 60;

/** What one round of everything at once got its answers to, until all of it was killed. */
interface Round {
  readonly answered: string[];
  readonly told: string[];
  readonly permitted: string[];
  readonly tried: string[];
}

/** Calls, strangers that mail is owed for, and rule changes, all at once; killed at that moment. */
async function killedAt(milliseconds: number, mark: number): Promise<Round> {
  const serving = await place.serve();
  const round: Round = { answered: [], told: [], permitted: [], tried: [] };
  const kill = new AbortController();
  kill.signal.addEventListener('abort', () => serving.child.kill('SIGKILL'));
  const until = (work: (i: number) => Promise<void>) => async () => {
    for (let i = 0; !kill.signal.aborted; i++) await work(i);
  };
  const caller = (line: number) =>
    until(async (i) => {
      const number = `${mark}-${line}-${i}`;
      const { stranger } = await ask(place.at, `127.${mark}.${line}.${i & 255}`, { number });
      expect(stranger).toBe('false');
      round.answered.push(number);
    });
  const strangers = until(async () => {
    const source = stranger();
    expect((await ask(place.at, source)).reason).toBe('country-unknown');
    round.told.push(source);
    await delay(BETWEEN_STRANGERS);
  });
  const administrator = until(async (i) => {
    const subject = `198.51.${100 + mark}.${i}`;
    round.tried.push(subject);
    const { code } = await place.runUntil(kill.signal, 'permit', subject);
    if (code === 0) round.permitted.push(subject);
    else expect(kill.signal.aborted).toBe(true);
  });
  const lines = Array.from({ length: CALLERS }, (_, line) => caller(line));
  const ended = Promise.allSettled([...lines, strangers, administrator].map((work) => work()));
  await delay(milliseconds);
  kill.abort();
  const failures = (await ended).flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  // Calls in progress end with their connection; nothing else may have gone wrong.
  for (const { message } of failures) expect(message).toMatch(/closed|ECONN|EPIPE|socket/);
  expect(await serving.ended).toEqual({ code: null, signal: 'SIGKILL' });
  return round;
}

describe('kill -9 while calls, rule changes and mails flow', () => {
  it('loses no answered call, no acknowledged rule and no mail', async () => {
    // Slow enough that a kill meets mails before, in and after the server's acceptance.
    mailServer = await startMailServer({ reply: () => delay(Math.random() * 300) });
    place.configure({ ...withMail(mailServer.port), screening: { rate_calls: 0 } });
    const rounds: Round[] = [];
    const moments = Array.from({ length: 8 }, () => Math.floor(50 + Math.random() ** 2 * 2_500));
    moments.push(5_000); // in which even a busy machine acknowledges a rule
    const told = `killed after ${moments.join(', ')} ms`;
    for (const [mark, moment] of moments.entries()) {
      rounds.push(await killedAt(moment, mark + 1));
      expect(place.database().pragma('integrity_check', { simple: true }), told).toBe('ok');
    }
    const all = (name: keyof Round) => rounds.flatMap((round) => round[name]);
    const serving = await place.serve();
    await expect.poll(waiting, PATIENCE).toBe(0);
    expect(await serving.end('SIGTERM')).toEqual({ code: 0, signal: null });

    const column = (sql: string) => place.database().prepare(sql).pluck().all() as string[];
    const numbers = column("SELECT number FROM call WHERE number <> ''");
    expect(new Set(numbers).size, told).toBe(numbers.length); // a call is never written twice
    expect(numbers, told).toEqual(expect.arrayContaining(all('answered')));
    expect(all('answered').length).toBeGreaterThan(100);

    const rules = column("SELECT subject FROM rule WHERE subject LIKE '198.51.%'");
    expect(rules, told).toEqual(expect.arrayContaining(all('permitted')));
    expect(all('tried'), told).toEqual(expect.arrayContaining(rules));
    expect(all('permitted').length).toBeGreaterThan(0);

    const strangers = column("SELECT source FROM call WHERE outcome = 'stranger'");
    expect(strangers, told).toEqual(expect.arrayContaining(all('told')));
    const mails = toldIn();
    expect([...mails.keys()].sort(), told).toEqual(strangers.sort());
    // What goes out twice, killed before its acceptance was noted, can be known as the same.
    for (const ids of mails.values()) expect(new Set(ids).size, told).toBe(1);
  }, 90_000);
});

describe('with mail', () => {
  it('killed while the mail server is down: each stranger is told of as soon as it is back', async () => {
    const port = await freePort('127.0.0.1');
    place.configure(withMail(port));
    for (const answers of [1, 9, 20]) {
      await killedAfter(answers);
      const rows = place
        .database()
        .prepare('SELECT call.id, call_id FROM call LEFT JOIN alert ON call_id = call.id')
        .all() as { id: number; call_id: number | null }[];
      for (const { id, call_id } of rows) expect(call_id).toBe(id);
      expect(waiting()).toBe(rows.length);
    }
    const strangers = journalled();
    mailServer = await startMailServer({ port });
    const serving = await place.serve();
    await expect.poll(waiting, PATIENCE).toBe(0);
    expect([...toldIn().keys()].sort()).toEqual(strangers.sort());
    expect(await serving.end('SIGTERM')).toEqual({ code: 0, signal: null });
  }, 30_000);

  it('one call makes one row, and at most one mail', async () => {
    mailServer = await startMailServer();
    place.configure(withMail(mailServer.port));
    const serving = await place.serve();
    const strangers = Array.from({ length: 10 }, stranger);
    for (const source of strangers) {
      expect(await ask(place.at, source)).toMatchObject({ stranger: 'true' });
      expect(await ask(place.at, '127.0.0.1')).toMatchObject({ stranger: 'false' });
    }
    await expect.poll(() => [...toldIn().keys()].sort(), PATIENCE).toEqual(strangers.toSorted());
    await expect.poll(waiting, PATIENCE).toBe(0);
    expect(await serving.end('SIGTERM')).toEqual({ code: 0, signal: null });
    expect([...toldIn().values()].map((mails) => mails.length)).toEqual(strangers.map(() => 1));
    expect(journalled()).toEqual(strangers.flatMap((source) => [source, '127.0.0.1']));
  });
});
