import { FAILURES, type Failure } from '../agi/index.ts';
import type { Verdict } from '../screening/index.ts';

/** Upper bounds of the verdict latencies' buckets, in seconds; 0.5 is the default deadline. */
export const LATENCY_BOUNDS = [
  ...[0.000_25, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
] as const;

/** Calls that share verdict, reason and country. */
export interface CallCount {
  readonly outcome: Verdict['outcome'];
  readonly reason: Verdict['reason'];
  /** Two capital letters, or `none`. */
  readonly country: string;
  readonly calls: number;
}

/** How long verdicts took. */
export interface Latencies {
  /** Of each bound's own bucket, and behind them of what took longer than all. */
  readonly buckets: readonly number[];
  /** Seconds. */
  readonly sum: number;
}

/**
 * What is counted on a call's way, whether anybody looks or not: an integer or two each, so that a
 * call does not wait for it. Since the start of the process: a reload loses nothing.
 */
export interface Counts {
  /** @param seconds from the connection to the verdict, its row in the journal included */
  call(verdict: Verdict, country: string, seconds: number): void;
  failed(failure: Failure): void;
  /** Mails to the administrator, as they are sent. */
  readonly mails: { sent: number; failed: number };
  calls(): CallCount[];
  failures(): ReadonlyMap<Failure, number>;
  latencies(): Latencies;
}

type Countries = Map<string, { -readonly [K in keyof CallCount]: CallCount[K] }>;

export function createCounts(): Counts {
  const calls: Record<Verdict['outcome'], Map<Verdict['reason'], Countries>> = {
    allow: new Map(),
    stranger: new Map(),
    unlisted: new Map(),
  };
  const failures = new Map<Failure, number>(FAILURES.map((failure) => [failure, 0]));
  const buckets = new Array<number>(LATENCY_BOUNDS.length + 1).fill(0);
  let sum = 0;

  function counterOf({ outcome, reason }: Verdict, country: string) {
    const countries: Countries = calls[outcome].get(reason) ?? new Map();
    calls[outcome].set(reason, countries);
    const known = countries.get(country);
    if (known) return known;
    // Whatever a country database may hold: at most 677 names.
    const code = /^[A-Z]{2}$/.test(country) ? country : 'none';
    const counter = countries.get(code) ?? { outcome, reason, country: code, calls: 0 };
    countries.set(code, counter);
    return counter;
  }

  return {
    call(verdict, country, seconds) {
      counterOf(verdict, country).calls++;
      let bucket = 0;
      while (bucket < LATENCY_BOUNDS.length && seconds > LATENCY_BOUNDS[bucket]!) bucket++;
      buckets[bucket]!++;
      sum += seconds;
    },
    failed: (failure) => void failures.set(failure, failures.get(failure)! + 1),
    mails: { sent: 0, failed: 0 },
    calls: () =>
      Object.values(calls).flatMap((reasons) =>
        [...reasons.values()].flatMap((countries) => [...countries.values()]),
      ),
    failures: () => failures,
    latencies: () => ({ buckets, sum }),
  };
}
