import { LATENCY_BOUNDS, type Latencies } from './counts.ts';

const NAME = 'ipcountry_verdict_seconds';
const HELP =
  'Seconds from the connection of a call to its verdict, its row in the journal included.';

/**
 * The latencies as a histogram of the exposition format. By hand: prom-client counts a histogram one
 * observation at a time, which a call would have to wait for.
 */
export function latencyText({ buckets, sum }: Latencies): string {
  let count = 0;
  const lines = [`# HELP ${NAME} ${HELP}`, `# TYPE ${NAME} histogram`];
  for (const [i, calls] of buckets.entries()) {
    count += calls;
    lines.push(`${NAME}_bucket{le="${LATENCY_BOUNDS[i] ?? '+Inf'}"} ${count}`);
  }
  lines.push(`${NAME}_sum ${sum}`, `${NAME}_count ${count}`);
  return `${lines.join('\n')}\n`;
}
