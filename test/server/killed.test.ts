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

/** How often each source is told of. */
function told(): Map<string, number> {
  const times = new Map<string, number>();
  for (const { raw } of mailServer!.mails) {
    for (const [, source] of parseMail(raw).text.matchAll(/^ {2}from +([0-9.]+),/gm)) {
      times.set(source!, (times.get(source!) ?? 0) + 1);
    }
  }
  return times;
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
    expect([...told().keys()].sort()).toEqual(strangers.sort());
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
    await expect.poll(() => [...told().keys()].sort(), PATIENCE).toEqual(strangers.toSorted());
    await expect.poll(waiting, PATIENCE).toBe(0);
    expect(await serving.end('SIGTERM')).toEqual({ code: 0, signal: null });
    expect([...told().values()]).toEqual(strangers.map(() => 1));
    expect(journalled()).toEqual(strangers.flatMap((source) => [source, '127.0.0.1']));
  });
});
