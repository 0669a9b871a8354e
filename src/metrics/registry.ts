import type { Counter, Gauge } from 'prom-client';
import { gather, type Sources } from './facts.ts';
import { FAMILIES, type Family } from './families.ts';
import { latencyText } from './latency.ts';
import { PROCESS_FAMILIES } from './process.ts';

/** What Prometheus is given. */
export interface Exposition {
  readonly contentType: string;
  /** All metrics, as they are now. */
  text(): Promise<string>;
}

/** @param sources those in use at the moment: a reload takes effect at the next question */
export async function createExposition(sources: () => Sources): Promise<Exposition> {
  // Loaded here: a server without an endpoint pays nothing for it.
  const { Counter, Gauge, Registry } = await import('prom-client');
  const register = new Registry();
  const families = [...FAMILIES, ...PROCESS_FAMILIES].map((family) => {
    const { name, help, kind, labels = [] } = family;
    const options = { name, help, labelNames: [...labels], registers: [register] };
    return { family, metric: kind === 'counter' ? new Counter(options) : new Gauge(options) };
  });
  return {
    contentType: register.contentType,
    async text() {
      const facts = await gather(sources());
      for (const { family, metric } of families) set(metric, family, family.samples(facts));
      return `${await register.metrics()}\n${latencyText(facts.counts.latencies())}`;
    },
  };
}

function set(
  metric: Counter | Gauge,
  { labels = [] }: Family,
  samples: ReturnType<Family['samples']>,
): void {
  metric.reset();
  if (labels.length === 0) metric.remove(); // else 0 would stand for what isn't known
  for (const { labels: names = {}, value } of samples) metric.inc(names, value);
}
