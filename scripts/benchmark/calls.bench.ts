// The call path beside two references, in turn; see turns.mjs. IPCOUNTRY_BENCH_SECONDS: how long
// for each number of calls at a time.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CallsPlace, openCallsPlace, thousandRules } from './calls-place.ts';
import { memoryOf, say } from './figures.ts';
import { type Served, startReference, startServed } from './served.ts';

const SECONDS = Number(process.env['IPCOUNTRY_BENCH_SECONDS'] ?? 45);
/** Seconds of load before it counts. */
const WARM = 6;
const AT_A_TIME = [1, 32, 256];
const TURNS = fileURLToPath(new URL('turns.mjs', import.meta.url));

/** What turns.mjs says of a server: milliseconds, and microseconds of processor time a call. */
type Result = Readonly<Record<'rate' | 'p50' | 'p99' | 'p999' | 'cpu' | 'failed', number>>;

/** Decimals of each figure, and the width of its column. */
const COLUMNS = {
  rate: [0, 9],
  p50: [2, 9],
  p99: [2, 9],
  p999: [2, 10],
  cpu: [0, 13],
  failed: [0, 8],
} as const;

let place: CallsPlace;
const servers: (Served & { readonly name: string })[] = [];

beforeAll(async () => {
  place = openCallsPlace(thousandRules());
  servers.push(
    { name: 'node:net', ...(await startReference('bare-net.mjs')) },
    { name: 'ding-dong', ...(await startReference('bare-ding-dong.mjs')) },
    { name: 'ipcountry', ...(await startServed(place.env)) },
  );
});
afterAll(async () => {
  for (const server of servers) await server.stop();
  place?.close();
});

async function load(concurrency: number, seconds: number): Promise<Result[]> {
  const args = [TURNS, `${concurrency}`, `${seconds}`];
  args.push(...servers.map(({ port, pid }) => `${port}:${pid}`));
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout);
}

test('calls', { timeout: AT_A_TIME.length * (SECONDS + WARM + 60) * 1_000 }, async () => {
  say(`\nnode ${process.version}, ${SECONDS} s for all three, a quarter of a second in turn`);
  for (const concurrency of AT_A_TIME) {
    await load(concurrency, WARM);
    const results = await load(concurrency, SECONDS);
    say(
      `\n${`${concurrency} at a time`.padEnd(13)}  calls/s   p50 ms   p99 ms  p99.9 ms  CPU µs/call  failed`,
    );
    for (const [i, { name }] of servers.entries()) {
      const cells = Object.entries(COLUMNS).map(([key, [decimals, width]]) =>
        results[i]![key as keyof Result].toFixed(decimals).padStart(width),
      );
      say(name.padEnd(13) + cells.join(''));
    }
    const [net, dingDong, ours] = results.map(({ rate }) => rate) as [number, number, number];
    say(
      `ipcountry : ding-dong ${(ours / dingDong).toFixed(2)}, : node:net ${(ours / net).toFixed(2)}`,
    );
    expect(results.map(({ failed }) => failed)).toEqual([0, 0, 0]);
  }
  const memory = memoryOf(servers.at(-1)!.pid, 'VmRSS')!;
  say(`\nipcountry's resident memory after the load: ${Math.round(memory)} MB`);
});
