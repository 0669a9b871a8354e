import type { Readable } from 'node:stream';
import { type Dispatcher, EnvHttpProxyAgent, request } from 'undici';
import { fault } from '../../errors.ts';
import { Passing } from './retry.ts';

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Must be read to its end or destroyed. */
  readonly body: Readable;
}

export interface Http {
  /**
   * Gets a URL and follows redirects. `authorization` goes to the URL's own origin only.
   * @throws Passing where the host can't be reached; Fault for a redirect to nowhere
   */
  get(url: URL, headers?: Readonly<Record<string, string>>): Promise<Reply>;
  close(): Promise<void>;
}

const MOST_REDIRECTS = 5;

/** Milliseconds without a byte after which a server counts as gone. */
const SILENCE = 60_000;

/**
 * An HTTP client for downloads. Node's own `fetch` knows no proxies.
 * @param proxy for all requests; undefined: as HTTP_PROXY, HTTPS_PROXY and NO_PROXY of `env` say
 * @param signal ends what is under way
 */
export function createHttp(
  proxy: string | undefined,
  env: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): Http {
  const dispatcher = dispatcherFor(proxy, env);

  async function once(url: URL, headers: Readonly<Record<string, string>>): Promise<Reply> {
    const options: Parameters<typeof request>[1] = {
      dispatcher,
      headers: { 'user-agent': 'ipcountry', ...headers },
    };
    if (signal) options.signal = signal;
    try {
      const { statusCode, headers: got, body } = await request(url.href, options);
      return { status: statusCode, headers: single(got), body };
    } catch (cause) {
      signal?.throwIfAborted();
      const { code, message } = cause as NodeJS.ErrnoException;
      // The host alone: a URL may carry a signature.
      throw new Passing(fault('update-unreachable', url.host, code ?? message));
    }
  }

  return {
    async get(url, headers = {}) {
      let at = url;
      let sent = { ...headers };
      for (let i = 0; i <= MOST_REDIRECTS; i++) {
        const reply = await once(at, sent);
        const location = reply.headers['location'];
        if (![301, 302, 303, 307, 308].includes(reply.status) || !location) return reply;
        drop(reply);
        const next = URL.canParse(location, at.href) ? new URL(location, at) : undefined;
        const sound =
          next?.protocol === 'https:' || (next?.protocol === 'http:' && at.protocol === 'http:');
        if (!next || !sound) throw fault('update-redirect', at.host);
        if (next.origin !== url.origin) sent = withoutSecrets(sent);
        at = next;
      }
      throw fault('update-redirect', url.host);
    },
    close: () => dispatcher.destroy(),
  };
}

/** @param base a host, or a folder on it where a mirror has one */
export function urlOn(base: string, path: string): URL {
  return new URL(path, base.endsWith('/') ? base : `${base}/`);
}

/** Ends a reply whose body nobody wants. */
export function drop({ body }: Reply): void {
  body.on('error', () => {}).destroy();
}

function withoutSecrets(headers: Readonly<Record<string, string>>): Record<string, string> {
  const { authorization: _, ...others } = headers;
  return others;
}

function dispatcherFor(proxy: string | undefined, env: NodeJS.ProcessEnv): Dispatcher {
  const http = proxy ?? env['http_proxy'] ?? env['HTTP_PROXY'] ?? '';
  const https = proxy ?? env['https_proxy'] ?? env['HTTPS_PROXY'] ?? '';
  try {
    return new EnvHttpProxyAgent({
      httpProxy: withScheme(http),
      httpsProxy: withScheme(https),
      noProxy: proxy === undefined ? (env['no_proxy'] ?? env['NO_PROXY'] ?? '') : '',
      proxyTunnel: false, // for plain HTTP only: many proxies allow CONNECT to port 443 alone
      headersTimeout: SILENCE,
      bodyTimeout: SILENCE,
    });
  } catch {
    throw fault('update-proxy'); // without quoting it: there may be a password in it
  }
}

function withScheme(proxy: string): string {
  return proxy === '' || proxy.includes('://') ? proxy : `http://${proxy}`;
}

function single(headers: Readonly<Record<string, string | string[] | undefined>>) {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
  );
}
