// A day in minutes: all that happens to a server at once, and whether it is at the end as it was at
// the beginning. Started by scripts/soak.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { countryFile } from '../../test/support/mmdb.ts';
import { type MailServer, startMailServer } from '../../test/support/smtp.ts';
import { median, say } from './figures.ts';
import { PROGRAM } from './place.ts';
import { type Own, openOwn, runVerb } from './program.ts';
import { lineOf, readLog, sayOutcome } from './soak-report.ts';
import { type Sample, sample, waitedFor } from './soak-samples.ts';
import { openTally, placeCall } from './soak-traffic.ts';

const SECONDS = Number(process.env['IPCOUNTRY_SOAK_MINUTES'] ?? 10) * 60;
/** Calls of a busy day, one with an attack, however short it is made. */
const CALLS = 200_000 * (SECONDS / 600);
/** Seconds from one to the next. */
const EVERY = { sample: 1, progress: 10, rule: 8, reload: 20, country: 15 } as const;
/** Longer than that nobody waits for a call to be over: it is one that failed. */
const STUCK = 20_000;

let own: Own;
let mails: MailServer;
let server: ChildProcess | undefined;
let received = 0;
beforeAll(async () => {
  own = await openOwn();
  mails = await startMailServer({
    reply: () => {
      received++;
      (mails.mails as unknown[]).length = 0; // a soak is not to be about our own memory
    },
  });
});
afterAll(async () => {
  server?.kill('SIGKILL'); // where it did not come to its end
  await mails.close();
  own.close();
});

/** Puts a country file in the place of the last, as an update does. */
function refreshCountries(n: number): void {
  const path = join(own.folder, 'country.mmdb');
  const builtAt = new Date(Date.UTC(2026, 0, 1 + n));
  const codes = ['GB', 'SE', 'US', 'DE'];
  const networks = Array.from({ length: 5_000 }, (_, i) => [
    `${60 + (i >> 8)}.${i & 255}.0.0/16`,
    codes[(i + n) % codes.length]!,
  ]);
  writeFileSync(`${path}.new`, countryFile(Object.fromEntries(networks), { builtAt }));
  renameSync(`${path}.new`, path);
}

function configure(): string {
  const file = join(own.folder, 'ipcountry.toml');
  const sections = {
    database: { path: own.path },
    agi: { host: own.at.address, port: own.at.port },
    country: { path: join(own.folder, 'country.mmdb') },
    names: { servers: ['127.0.0.1:9'] }, // nobody answers there
    journal: { rows: 5_000 }, // so that it is full, and deleted from, nearly all of the time
    metrics: { port: own.at.port + 1 },
    mail: {
      ...{ to: ['admin@example.com'], transport: 'smtp', host: '127.0.0.1', port: mails.port },
      ...{ security: 'none', per_hour: 10_000, digest_minutes: 1 },
    },
  };
  const lines = Object.entries(sections).flatMap(([name, keys]) => [
    `[${name}]`,
    ...Object.entries(keys).map(([key, value]) => `${key} = ${JSON.stringify(value)}`),
  ]);
  writeFileSync(file, lines.join('\n'));
  return file;
}

test(
  'a day',
  async () => {
    refreshCountries(0);
    const config = configure();
    const place: Own = { ...own, env: { ...process.env, IPCOUNTRY_CONFIG: config } };
    const child = spawn(PROGRAM, ['serve'], {
      env: place.env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    server = child;
    const ended = once(child, 'exit');
    const log = readLog(child.stdout);

    const tally = openTally();
    const samples: Sample[] = [];
    const latencies: number[] = [];
    const began = performance.now();
    const seconds = () => (performance.now() - began) / 1_000;
    let over = false;
    const regularly = async (every: number, work: (n: number) => unknown) => {
      for (let n = 1; !over; n++) {
        await work(n);
        await delay(Math.max(0, n * every - seconds()) * 1_000);
      }
    };
    while (!(await fetch(`http://127.0.0.1:${own.at.port + 1}/health`).catch(() => undefined))) {
      if (child.exitCode !== null) throw new Error('the server ended');
      await delay(20);
    }
    await runVerb(place, 'permit', 'SE');

    const open = new Set<Promise<void>>();
    async function traffic(): Promise<void> {
      const start = seconds();
      for (let i = 0; !over; i++) {
        // By the clock, and not one after the other: who waits for answers makes no attack.
        const due = start + (i / CALLS) * (SECONDS - start);
        if (due > seconds()) await delay((due - seconds()) * 1_000);
        const call = placeCall(own.at, i, tally, seconds).finally(() => open.delete(call));
        open.add(call);
        if (open.size > 1_500) await Promise.race(open);
      }
    }

    let changes = 0;
    /** The longer of the server's waits for a processor and ours, since it was asked the last time. */
    let before = [0, 0];
    const waited = () => {
      const now = [child.pid!, process.pid].map(waitedFor);
      const since = now.map((milliseconds, i) => milliseconds - before[i]!);
      before = now;
      return Math.max(...since);
    };
    const work = [
      traffic(),
      regularly(EVERY.sample, async () => {
        const metrics = await fetch(`http://127.0.0.1:${own.at.port + 1}/metrics`);
        const heap = /^nodejs_heap_size_used_bytes (\S+)/m.exec(await metrics.text())?.[1] ?? 0;
        const taken = tally.latencies;
        tally.latencies = [];
        for (const one of taken) latencies.push(one);
        const latency = taken.length > 0 ? median(taken) : 0;
        samples.push(
          sample(child.pid!, own.path, {
            ...{ at: seconds(), heap: Number(heap) / 2 ** 20, latency, starved: waited() },
          }),
        );
      }),
      regularly(EVERY.progress, () => {
        const last = samples.at(-1);
        if (last) say(lineOf(last, tally.failures.length));
      }),
      regularly(EVERY.rule, async (n) => {
        const subject = `203.0.113.${(n + 1) >> 1}`;
        await runVerb(place, ...(n % 2 ? ['deny', subject] : ['remove', 'deny', subject]));
        changes++;
      }),
      regularly(EVERY.reload, () => child.kill('SIGHUP')),
      regularly(EVERY.country, refreshCountries),
      delay(SECONDS * 1_000).then(() => {
        over = true;
      }),
    ];
    await Promise.all(work);
    await Promise.race([Promise.all(open), delay(STUCK)]);
    const stuck = open.size;
    child.kill('SIGTERM');
    const [code] = await ended;

    say(`\nbeside the calls: ${changes} changes of rules, ${received} mails`);
    say(`never over: ${stuck}, exit code: ${code}`);
    const { failures, starved, compared } = sayOutcome(tally, latencies, samples, log);
    expect(compared.filter(({ grew }) => grew)).toEqual([]);
    expect({ failed: failures.length, stuck, complaints: log.complaints, code }).toEqual({
      ...{ failed: 0, stuck: 0, complaints: [], code: 0 },
    });
    expect(received).toBeGreaterThan(0);
    expect(starved, 'the machine was too busy to tell').toBeLessThan(0.5);
  },
  (SECONDS + 120) * 1_000,
);
