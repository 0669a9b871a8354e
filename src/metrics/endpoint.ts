import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { fault } from '../errors.ts';
import { type Log, limited } from '../log.ts';

/** What a path gives. */
export interface Page {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

export interface EndpointOptions {
  readonly host: string;
  readonly port: number;
  /** Path → its page, made when it is asked for. */
  readonly pages: Readonly<Record<string, () => Page | Promise<Page>>>;
  readonly log: Log;
}

export interface Endpoint {
  readonly address: AddressInfo;
  /** Ends at once, whoever is connected. */
  close(): Promise<void>;
}

// Whoever can reach the port may send what he likes: he gets little of our time, as it is that of
// the calls.

/** Bytes of a request's head; Prometheus sends some 300. */
const MOST_HEAD = 4_096;
/** Milliseconds for a request to come. */
const PATIENCE = 5_000;
/** Milliseconds between two looks for those that were too slow. */
const LOOK = 1_000;
/** Milliseconds of a connection, however slowly its other side reads. */
const LIFETIME = 10_000;
/** Open at once: one or two Prometheus, and somebody who looks. */
const CONNECTIONS = 16;
/** Milliseconds for which a page is given again as it is, however many ask. */
const FRESH = 1_000;

/** Opens the port. @throws Fault where it can't be opened */
export async function openEndpoint(options: EndpointOptions): Promise<Endpoint> {
  const pages = new Map(
    Object.entries(options.pages).map(([path, page]) => [path, remembered(page)]),
  );
  const complaints = limited(options.log);
  const server = createServer(
    { maxHeaderSize: MOST_HEAD, headersTimeout: PATIENCE, requestTimeout: PATIENCE, ...LOOKING },
    (request, response) => {
      answer(pages, request).then(
        (page) => send(request, response, page),
        (cause) => {
          complaints.warn({ err: cause }, 'metrics: a page could not be made');
          send(request, response, plain(500, 'could not be made; see the log of ipcountry'));
        },
      );
    },
  );
  server.maxConnections = CONNECTIONS;
  server.on('connection', (socket: Socket) => {
    const end = setTimeout(() => socket.destroy(), LIFETIME).unref();
    socket.on('close', () => clearTimeout(end));
  });
  await opened(server, options);
  server.on('error', (cause) => options.log.error({ err: cause }, 'metrics: listener'));
  return {
    address: server.address() as AddressInfo,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const LOOKING = { connectionsCheckingInterval: LOOK };

async function answer(
  pages: ReadonlyMap<string, () => Promise<Page>>,
  { method, url = '' }: IncomingMessage,
): Promise<Page> {
  const page = pages.get(url.split('?', 1)[0]!);
  if (!page) return plain(404, `there are ${[...pages.keys()].join(' and ')}`);
  return method === 'GET' || method === 'HEAD' ? page() : plain(405, 'GET and HEAD only');
}

function plain(status: number, text: string): Page {
  return { status, type: 'text/plain; charset=utf-8', text: `${text}\n` };
}

function send(request: IncomingMessage, response: ServerResponse, page: Page): void {
  const { status, type, text } = page;
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    connection: 'close',
    ...(status === 405 && { allow: 'GET, HEAD' }),
  });
  response.end(request.method === 'HEAD' ? undefined : text);
}

/** Who asks while a page is made, or just after, gets the same one. */
function remembered(make: () => Page | Promise<Page>): () => Promise<Page> {
  let last: Promise<Page> | undefined;
  let until = 0;
  return () => {
    const now = performance.now();
    if (last && now < until) return last;
    until = now + FRESH;
    last = Promise.resolve().then(make);
    return last;
  };
}

function opened(server: Server, { host, port }: EndpointOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(
        cause.code === 'EADDRINUSE'
          ? fault('metrics-port-in-use', host, port)
          : fault('metrics-port', host, port, cause.code ?? cause.message),
      );
    });
    server.listen(port, host);
  });
}
