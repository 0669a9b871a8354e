import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addRule, parseSubject, removeRule } from '../../src/policy/index.ts';
import { type RunningGuard, startGuard } from '../../test/support/asterisk-guard.ts';
import { until } from '../../test/support/asterisk-until.ts';
import { openWorld, type World } from '../../test/support/netns-world.ts';
import { memoryOf, say, spread } from './figures.ts';
import { openPlace, type Place, PROGRAM } from './place.ts';

const CONTACTS = 2_000;
const BLOCKS = 200;
const SWAPS = 5;
const SECRET = 'secret';
const PHONES = fileURLToPath(new URL('phones.mjs', import.meta.url));

let place: Place;
let world: World;
let phones: ChildProcess;
beforeAll(async () => {
  place = openPlace('sip');
  world = await openWorld([]);
  phones = world.atPbx([process.execPath, PHONES, String(CONTACTS), SECRET], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(phones.stdout!, 'data');
});
afterAll(async () => {
  phones.kill();
  await once(phones, 'close');
  world.close();
  place.close();
});

test('2 000 contacts, 200 blocks, five swaps of the sets', async () => {
  const began = performance.now();
  const guard = await startGuard(
    { world, asterisk: { secret: SECRET }, server: { command: [PROGRAM] } },
    { env: place.env },
  );
  const stages = [stage('start and first sweep', guard)];
  const start = performance.now() - began;
  const burst = await burstOfFailures(guard);
  stages.push(stage(`${BLOCKS} blocks`, guard));
  const swaps: number[] = [];
  for (let n = 0; n < SWAPS; n++) swaps.push(await swap(guard, n % 2 === 0));
  stages.push(stage(`${SWAPS} swaps of the sets`, guard));
  const [first, ...later] = sweeps(guard);
  expect(await guard.stop()).toBe(0);

  say(`\nguard: ${CONTACTS} contacts, 100 000 networks permitted, 500 000 in the country database`);
  say(`start, to watching: ${Math.round(start)} ms`);
  say(`first sweep, with identifies: ${first} ms`);
  say(`later sweeps: ${spread(later)}`);
  say(`${BLOCKS} sources fail five times each, to the last block: ${Math.round(burst)} ms`);
  say(`rule changed, to the sets swapped: ${spread(swaps)}`);
  for (const { name, now, most } of stages) {
    say(`memory after ${name}: ${Math.round(now)} MB, at most ${Math.round(most)} MB`);
  }
});

function stage(name: string, { process: { pid } }: RunningGuard) {
  return { name, now: memoryOf(pid!, 'VmRSS')!, most: memoryOf(pid!, 'VmHWM')! };
}

const logged = ({ lines }: RunningGuard, msg: string) => lines.filter((line) => line.msg === msg);

function sweeps(guard: RunningGuard): number[] {
  return logged(guard, 'guard: looked at all endpoints').map((line) => {
    expect(line['peers']).toBe(2 * CONTACTS);
    return Number(line['milliseconds']);
  });
}

async function burstOfFailures(guard: RunningGuard): Promise<number> {
  const began = performance.now();
  phones.stdin!.write(`${BLOCKS}\n`);
  await until('all to be blocked', () => logged(guard, 'guard: blocked').length === BLOCKS, 60);
  return performance.now() - began;
}

/** A small country more or less has the sets of the large one written anew. */
async function swap(guard: RunningGuard, more: boolean): Promise<number> {
  const done = 'guard: firewall brought up to date';
  const before = { swaps: guard.lines.length, sweeps: sweeps(guard).length };
  const subject = parseSubject('CA');
  const began = Date.now();
  if (more) addRule(place.database, { list: 'permit', subject, origin: 'bench' }, began);
  else removeRule(place.database, 'permit', subject);
  const { time } = await guard.logged(done, before.swaps);
  await until('the sweep after it', () => sweeps(guard).length > before.sweeps);
  return Date.parse(time) - began;
}
