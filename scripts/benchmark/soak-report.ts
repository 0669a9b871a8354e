import type { Readable } from 'node:stream';
import { say } from './figures.ts';
import { type Comparison, compare, isStarved, ownFailures, type Sample } from './soak-samples.ts';
import type { FailedCall, Tally } from './soak-traffic.ts';

/** What the server's log tells. */
export interface SoakLog {
  /** Errors that nothing in a soak asks for; the first of them. */
  readonly complaints: readonly string[];
  /** How often calls were told to wait as another program wrote. */
  busy(): number;
}

const MOST_COMPLAINTS = 20;

export function readLog(stream: Readable): SoakLog {
  const complaints: string[] = [];
  let busy = 0;
  let rest = '';
  stream.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    for (const line of lines.filter((text) => /"level":"(error|fatal)"/.test(text))) {
      // Another program writes: the calls are answered, and journalled afterwards.
      if (/calls wait for it/.test(line)) busy++;
      // Forged environments are errors in the log, and here what is asked for.
      else if (!/forged/.test(line) && complaints.length < MOST_COMPLAINTS) complaints.push(line);
    }
  });
  return { complaints, busy: () => busy };
}

export interface Outcome {
  /** Those that nothing but the server can have made fail. */
  readonly failures: readonly FailedCall[];
  /** The share of samples in which something else had the processors. */
  readonly starved: number;
  readonly compared: readonly Comparison[];
}

/** Says what became of the calls, and whether the server grew. */
export function sayOutcome(
  tally: Tally,
  milliseconds: readonly number[],
  samples: readonly Sample[],
  log: SoakLog,
): Outcome {
  const latencies = [...milliseconds].sort((a, b) => a - b);
  const at = (share: number) => latencies[Math.floor(latencies.length * share)]!.toFixed(1);
  say(`${Object.values(tally.calls).reduce((a, b) => a + b)} calls: ${kinds(tally.calls)}`);
  say(`verdict after: median ${at(0.5)} ms, p99 ${at(0.99)} ms, p99.9 ${at(0.999)} ms`);
  say(`journal kept waiting by another writer: ${log.busy()} times told of`);
  const failures = ownFailures(tally.failures, samples);
  const excused = tally.failures.length - failures.length;
  say(`failed: ${failures.length}`);
  const starved = samples.filter(isStarved).length / samples.length;
  say(`something else had the processors in ${Math.round(starved * 100)} % of the samples`);
  if (excused > 0) say(`${excused} more calls failed in these`);
  const compared = compare(samples);
  for (const { what, first, last, grew } of compared) {
    const thirds = `first third ${first.toFixed(1)}, last third ${last.toFixed(1)}`;
    say(`${what.padEnd(9)} ${thirds}: ${grew ? 'GREW' : 'flat'}`);
  }
  const wrong = failures.slice(0, 5).map(({ what }) => what);
  for (const line of [...wrong, ...log.complaints]) say(line);
  return { failures, starved, compared };
}

/** A line of progress. */
export function lineOf(
  { at, memory, heap, handles, database, log, latency }: Sample,
  failed: number,
): string {
  const minutes = `${Math.floor(at / 60)}:${String(Math.floor(at % 60)).padStart(2, '0')}`;
  return `${minutes.padStart(6)}  ${memory.toFixed(0)} MB resident, ${heap.toFixed(0)} MB of objects, ${handles} handles, database ${database.toFixed(1)} + ${log.toFixed(1)} MB, verdict ${latency.toFixed(1)} ms, ${failed} failed`;
}

function kinds(calls: Readonly<Record<string, number>>): string {
  return Object.entries(calls)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(', ');
}
