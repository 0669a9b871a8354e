import { readdirSync, readFileSync, statSync } from 'node:fs';
import { median, memoryOf } from './figures.ts';

/** How the server is at one moment. */
export interface Sample {
  /** Seconds since the start. */
  readonly at: number;
  /** MB that are resident. */
  readonly memory: number;
  /** MB of JavaScript objects, garbage included. */
  readonly heap: number;
  /** Open files and connections. */
  readonly handles: number;
  /** MB of the database file, without its write-ahead log. */
  readonly database: number;
  /** MB of the write-ahead log. */
  readonly log: number;
  /** Milliseconds from the connection to the verdict: of the calls since the last sample. */
  readonly latency: number;
  /** Milliseconds since the last sample in which the server, or we, had to wait for a processor. */
  readonly starved: number;
}

/**
 * Milliseconds that a process's main thread has been ready to run, and others ran
 * (Documentation/scheduler/sched-stats, /proc/PID/schedstat).
 */
export function waitedFor(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[1]) / 1_000_000;
}

/** Of a second: more, and a call that came late says nothing about the server. */
const STARVED = 250;

export const isStarved = ({ starved }: Sample): boolean => starved > STARVED;

/** When a call was placed that failed, and when it had, in seconds since the start. */
export interface Failure {
  readonly from: number;
  readonly to: number;
}

/** Those failures in which nobody was kept from working. */
export function ownFailures<F extends Failure>(
  failures: readonly F[],
  samples: readonly Sample[],
): F[] {
  const hungry = samples.flatMap((one, i) =>
    isStarved(one) ? [[samples[i - 1]?.at ?? 0, one.at] as const] : [],
  );
  return failures.filter(
    ({ from, to }) => !hungry.some(([begin, end]) => from <= end && to >= begin),
  );
}

/** @param heap MB */
export function sample(
  pid: number,
  database: string,
  facts: Pick<Sample, 'at' | 'heap' | 'latency' | 'starved'>,
): Sample {
  const megabytes = (path: string) =>
    (statSync(path, { throwIfNoEntry: false })?.size ?? 0) / 2 ** 20;
  return {
    ...facts,
    memory: memoryOf(pid, 'VmRSS') ?? 0,
    handles: readdirSync(`/proc/${pid}/fd`).length,
    database: megabytes(database),
    log: megabytes(`${database}-wal`),
  };
}

/** What may differ between the first and the last third without being growth: a share, and so much. */
const NOISE = {
  memory: { share: 0.05, plus: 2 },
  handles: { share: 0.1, plus: 5 },
  database: { share: 0.1, plus: 2 },
} as const;

export type Grown = keyof typeof NOISE;

export interface Comparison {
  readonly what: Grown;
  /** Medians of the first and of the last third. */
  readonly first: number;
  readonly last: number;
  readonly grew: boolean;
}

/**
 * Leaves the first sixth out, in which caches fill, and compares the medians of the first and of the
 * last third of the rest: a peak is no growth, and garbage that is not collected yet is in both.
 */
export function compare(samples: readonly Sample[]): Comparison[] {
  const warm = samples.slice(Math.ceil(samples.length / 6));
  const third = Math.floor(warm.length / 3);
  if (third === 0) throw new Error('too few samples');
  return (Object.keys(NOISE) as Grown[]).map((what) => {
    const of = (some: readonly Sample[]) => median(some.map((one) => one[what]));
    const [first, last] = [of(warm.slice(0, third)), of(warm.slice(-third))];
    const { share, plus } = NOISE[what];
    return { what, first, last, grew: last > first * (1 + share) + plus };
  });
}
