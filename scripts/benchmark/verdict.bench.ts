import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CallsPlace, openCallsPlace, type Rules } from './calls-place.ts';
import { median, say } from './figures.ts';
import { type Served, startServed } from './served.ts';

const ROUNDS = Number(process.env['IPCOUNTRY_BENCH_ROUNDS'] ?? 5);
/** Seconds of calls each time. */
const SLICE = 2;
const AT_A_TIME = [1, 32, 256];
const RULES = 1_000;
const SHARES = { p50: 0.5, p99: 0.99, 'p99.9': 0.999, most: 1 };

let place: CallsPlace;
let server: Served;
let lines: AsyncIterator<string>;

beforeAll(async () => {
  place = openCallsPlace(rules());
  const clock = new URL('verdict-clock.mjs', import.meta.url);
  server = await startServed(place.env, ['--import', clock.href]);
  lines = createInterface(server.told)[Symbol.asyncIterator]();
});
afterAll(async () => {
  await server?.stop();
  place?.close();
});

/** The callers' network, and others in both lists. */
function* rules(): Rules {
  yield ['permit', '10.0.0.0/8'];
  for (let i = 1; i < RULES; i++) {
    yield [i % 2 ? 'deny' : 'permit', `${20 + (i % 100)}.${i % 256}.${(i * 7) % 256}.0/24`];
  }
}

/** Microseconds of all verdicts since the last time, from the shortest to the longest. */
async function timed(): Promise<number[]> {
  process.kill(server.pid, 'SIGUSR2');
  const { value } = await lines.next();
  return JSON.parse(value);
}

test('time from the complete environment to the answer written', {
  timeout: ROUNDS * 60_000,
}, async () => {
  say(`\nverdict inside the server: ${ROUNDS} rounds of ${SLICE} s a slice; medians, µs`);
  say(
    `at a time${Object.keys(SHARES)
      .map((name) => name.padStart(9))
      .join('')}    calls`,
  );
  for (const concurrency of AT_A_TIME) {
    await server.load(concurrency, SLICE); // warm
    await timed();
    const rounds: number[][] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const { calls, failed } = await server.load(concurrency, SLICE);
      const times = await timed();
      expect({ failed, timed: times.length }).toEqual({ failed: 0, timed: calls });
      rounds.push(times);
    }
    const at = (share: number) =>
      median(
        rounds.map((times) => times[Math.min(times.length - 1, Math.floor(times.length * share))]!),
      );
    const row = Object.values(SHARES).map((share) => String(at(share)).padStart(9));
    const calls = rounds.reduce((sum, times) => sum + times.length, 0);
    say(String(concurrency).padEnd(9) + row.join('') + String(calls).padStart(9));
  }
});
