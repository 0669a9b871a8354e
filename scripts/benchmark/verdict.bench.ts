import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CallsPlace, openCallsPlace, thousandRules } from './calls-place.ts';
import { median, say } from './figures.ts';
import { type Served, startServed } from './served.ts';

const ROUNDS = Number(process.env['IPCOUNTRY_BENCH_ROUNDS'] ?? 5);
/** Seconds of calls each time. */
const SLICE = 2;
const AT_A_TIME = [1, 32, 256];
const SHARES = { p50: 0.5, p99: 0.99, 'p99.9': 0.999 };
const STAGES = ['decided', 'written'] as const;

/** Microseconds of verdicts, from the shortest to the longest; see verdict-clock.mjs. */
type Times = Readonly<Record<(typeof STAGES)[number], readonly number[]>>;

let place: CallsPlace;
let server: Served;
let lines: AsyncIterator<string>;

beforeAll(async () => {
  place = openCallsPlace(thousandRules());
  const clock = new URL('verdict-clock.mjs', import.meta.url);
  server = await startServed(place.env, ['--import', clock.href]);
  lines = createInterface(server.told)[Symbol.asyncIterator]();
});
afterAll(async () => {
  await server?.stop();
  place?.close();
});

/** All verdicts since the last time. */
async function timed(): Promise<Times> {
  process.kill(server.pid, 'SIGUSR2');
  const { value } = await lines.next();
  return JSON.parse(value);
}

test('time from the complete environment to the answer written', {
  timeout: ROUNDS * 60_000,
}, async () => {
  const columns = STAGES.flatMap((stage) =>
    Object.keys(SHARES).map((name) => `${stage} ${name}`.padStart(15)),
  );
  say(`\nverdict inside the server: ${ROUNDS} rounds of ${SLICE} s a slice; medians, µs`);
  say(`at a time${columns.join('')}    calls`);
  for (const concurrency of AT_A_TIME) {
    await server.load(concurrency, SLICE); // warm
    await timed();
    const rounds: Times[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const { calls, failed } = await server.load(concurrency, SLICE);
      const times = await timed();
      expect({ failed, timed: times.written.length }).toEqual({ failed: 0, timed: calls });
      rounds.push(times);
    }
    const row = STAGES.flatMap((stage) =>
      Object.values(SHARES).map((share) =>
        String(median(rounds.map((times) => at(times[stage], share)))).padStart(15),
      ),
    );
    const calls = rounds.reduce((sum, { written }) => sum + written.length, 0);
    say(String(concurrency).padEnd(9) + row.join('') + String(calls).padStart(9));
  }
});

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.floor((sorted.length - 1) * share)]!;
}
