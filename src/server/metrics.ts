import type { Listener } from '../agi/index.ts';
import type { Config } from '../config.ts';
import type { Log } from '../log.ts';
import type { Counts, Endpoint, Exposition, Page } from '../metrics/index.ts';
import { serverProblems } from './health.ts';
import type { Parts } from './parts.ts';

/** What the endpoint tells of; asked anew each time, as a reload puts others in their place. */
export interface MetricsParts {
  readonly parts: () => Parts;
  readonly listener: () => Listener;
  readonly counts: Counts;
  /** When the server was started, milliseconds since 1970. */
  readonly started: number;
  readonly log: Log;
}

/**
 * @returns opens the metrics endpoint as the configuration in use says: undefined where it is off,
 * and then nothing of it is loaded. Throws a Fault where the port can't be opened
 */
export function metricsOpener(from: MetricsParts): () => Promise<Endpoint | undefined> {
  const { parts, listener, counts, started, log } = from;
  let exposition: Promise<Exposition> | undefined; // one a process, whatever is moved or reopened

  const sources = () => ({
    ...parts().screenParts,
    counts,
    database: parts().background,
    connections: () => listener().count(),
  });

  async function metrics(): Promise<Page> {
    exposition ??= import('../metrics/registry.ts').then((m) => m.createExposition(sources));
    const { contentType, text } = await exposition;
    return { status: 200, type: contentType, text: await text() };
  }

  function health(): Page {
    const problems = serverProblems(parts(), started);
    const status = problems.length === 0 ? 'ok' : 'failing';
    const text = `${JSON.stringify({ status, problems })}\n`;
    return { status: problems.length === 0 ? 200 : 503, type: 'application/json', text };
  }

  return async () => {
    const { host, port } = parts().config.metrics;
    if (port === 0) return undefined;
    const { openEndpoint } = await import('../metrics/endpoint.ts');
    const pages = { '/metrics': metrics, '/health': health };
    const endpoint = await openEndpoint({ host, port, pages, log });
    log.info({ host, port: endpoint.address.port }, 'metrics: listening');
    return endpoint;
  };
}

/** @throws Fault where the port can't be opened */
export async function tryMetricsPort({ metrics }: Config, log: Log): Promise<void> {
  const { host, port } = metrics;
  if (port === 0) return;
  const { openEndpoint } = await import('../metrics/endpoint.ts');
  const endpoint = await openEndpoint({ host, port, pages: {}, log });
  await endpoint.close();
}
