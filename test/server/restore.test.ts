import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readArchive } from '../../src/backup/archive.ts';
import { addRule, parseSubject } from '../../src/policy/index.ts';
import { type Built, build } from '../support/build.ts';
import { ask, openPlace, type Place, startFlow } from '../support/place.ts';

const PERMITTED = '198.51.100.2';
const OTHER = '192.0.2.66';
/** Enough for a restore to take a while. */
const RULES = 3_000;

let built: Built;
let place: Place;

beforeAll(async () => {
  built = await build();
}, 60_000);
afterAll(() => built.remove());
beforeEach(async () => {
  place = await openPlace(built, { screening: { rate_calls: 0 } });
});
afterEach(() => place.remove());

async function run(...argv: string[]): Promise<void> {
  const { code, err } = await place.run(...argv);
  expect(code, err).toBe(0);
}

const stranger = async (source: string) => (await ask(place.at, source)).stranger;
const count = (sql: string) => place.database().prepare(sql).pluck().get() as number;

function addManyRules(): void {
  const database = place.database();
  database.transaction(() => {
    for (let i = 0; i < RULES; i++) {
      const subject = parseSubject(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
      addRule(database, { list: 'deny', subject, note: '', origin: 'test' }, 0);
    }
  })();
}

describe('while the server answers calls', () => {
  it('a backup is whole, and a restore counts at the next call; no call is held up or lost', async () => {
    await run('permit', PERMITTED);
    await place.serve();
    const flow = startFlow(place.at, PERMITTED);
    await flow.more(50);
    await run('backup', place.file('backup.tar.gz'));
    await flow.more(50);
    expect(flow.answers.every((answer) => answer.stranger === 'false')).toBe(true);
    await flow.stop();

    await run('remove', 'permit', PERMITTED);
    await run('permit', OTHER);
    expect([await stranger(PERMITTED), await stranger(OTHER)]).toEqual(['true', 'false']);
    const refusals = startFlow(place.at, '203.0.113.9');
    await refusals.more(20);
    await run('restore', '--yes', place.file('backup.tar.gz'));
    expect([await stranger(PERMITTED), await stranger(OTHER)]).toEqual(['false', 'true']);
    await refusals.more(20);
    await refusals.stop();
    expect(count('SELECT count(*) FROM call')).toBe(
      flow.answers.length + refusals.answers.length + 4,
    );
    expect(count("SELECT count(*) FROM call WHERE source = '203.0.113.9'")).toBe(
      refusals.answers.length,
    );
  });
});

/** Begins a command line, and kills it after some milliseconds, if it has not ended by then. */
async function killedAfter(milliseconds: number, ...argv: string[]): Promise<void> {
  const main = join(built.folder, 'dist/main.js');
  const words = [main, '--config', place.file('ipcountry.toml'), ...argv];
  const env = { ...process.env, TMPDIR: place.folder }; // what it leaves goes with the folder
  const child = spawn(process.execPath, words, { stdio: 'ignore', env });
  const ended = once(child, 'close');
  await Promise.race([delay(milliseconds), ended]);
  child.kill('SIGKILL');
  await ended;
}

describe('kill -9', () => {
  it('in the middle of a restore leaves the old state or the new one', async () => {
    await run('permit', PERMITTED);
    addManyRules();
    await run('backup', place.file('backup.tar.gz'));
    const whole = count('SELECT count(*) FROM rule');
    expect(whole).toBeGreaterThan(RULES);
    const began = performance.now();
    await run('restore', '--yes', place.file('backup.tar.gz'));
    const took = performance.now() - began;

    // Most of the work on the database comes towards the end.
    for (const part of [0.6, 0.75, 0.85, 0.95]) {
      place.database().exec("DELETE FROM rule WHERE list = 'deny'");
      await killedAfter(took * part, 'restore', '--yes', place.file('backup.tar.gz'));
      expect(place.database().pragma('integrity_check', { simple: true })).toBe('ok');
      expect([whole - RULES, whole]).toContain(count('SELECT count(*) FROM rule'));
    }
    await run('list', 'permit');
  });

  it('in the middle of a backup leaves the one before', async () => {
    await run('permit', PERMITTED);
    addManyRules();
    const began = performance.now();
    await run('backup', place.file('backup.tar.gz'));
    const took = performance.now() - began;
    for (const part of [0.6, 0.9]) {
      await killedAfter(took * part, 'backup', '--force', place.file('backup.tar.gz'));
      await readArchive(place.file('backup.tar.gz')); // throws where it is not whole
    }
  });
});
