import { Fault, fault } from '../../errors.ts';
import type { Log } from '../../log.ts';
import { createHttp, drop, type Http, type Reply } from './http.ts';
import { downloadPath } from './install.ts';
import { Passing, type Patience, retryAfter, withRetries } from './retry.ts';
import type { UpdateSettings } from './settings.ts';
import { unpack } from './unpack.ts';

/** Bytes that have come so far, and how many there will be where the server told. */
export type DownloadProgress = (bytes: number, total: number | undefined) => void;

export interface DownloadOptions {
  readonly log: Log;
  readonly progress?: DownloadProgress;
  readonly signal?: AbortSignal;
  /** Milliseconds before a failed request is tried again for the first time. */
  readonly firstDelay?: number;
}

const FIRST_DELAY = 1_000;

/** Does `work` with an HTTP client, again and again while its failures may pass. */
export async function withHttp<T>(
  settings: Pick<UpdateSettings, 'proxy' | 'env' | 'retryFor'>,
  { log, signal, firstDelay = FIRST_DELAY }: DownloadOptions,
  work: (http: Http) => Promise<T>,
): Promise<T> {
  const http = createHttp(settings.proxy, settings.env, signal);
  const patience: Patience = { retryFor: settings.retryFor, firstDelay };
  const onRetry = ({ message }: Fault, wait: number) =>
    log.warn({ fault: message, wait: Math.round(wait) }, 'country update: will try again');
  try {
    return await withRetries(
      () => work(http),
      patience,
      signal ? { onRetry, signal } : { onRetry },
    );
  } finally {
    await http.close();
  }
}

/**
 * Unpacks a reply's mmdb file to `downloadPath(path)`.
 * @param host for messages
 * @returns its MD5
 * @throws Passing where the transfer was cut or damaged
 */
export async function saveMmdb(
  reply: Reply,
  path: string,
  host: string,
  { progress, signal }: Pick<DownloadOptions, 'progress' | 'signal'>,
): Promise<string> {
  try {
    return await unpack(counted(reply, progress), downloadPath(path));
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof Fault) throw cause;
    throw new Passing(fault('update-transfer', host, codeOf(cause)));
  } finally {
    drop(reply);
  }
}

async function* counted({ headers, body }: Reply, progress: DownloadProgress = () => {}) {
  const length = headers['content-length'];
  const total = length === undefined ? undefined : Number(length);
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    progress(bytes, total);
    yield chunk;
  }
}

/**
 * What a reply other than the wanted one means: whether it may pass is the same as for geoipupdate.
 * Ends the reply.
 */
export function refusal(host: string, reply: Reply): Fault | Passing {
  drop(reply);
  const { status } = reply;
  if (status === 401 || status === 403) return fault('update-account-refused', host, status);
  const failed = fault('update-status', host, status);
  const passes = status === 408 || status === 429 || status >= 500;
  return passes
    ? new Passing(failed, retryAfter(reply.headers['retry-after'], Date.now()))
    : failed;
}

export function codeOf(cause: unknown): string {
  return (cause as NodeJS.ErrnoException).code ?? (cause as Error).message;
}
