import type { AddressInfo, Server, Socket } from 'node:net';
import agi, { type Context } from 'ding-dong';
import type { AddressRange } from '../address/index.ts';
import { fault } from '../errors.ts';
import { limited } from '../log.ts';
import { type ConversationOptions, converse } from './conversation.ts';
import { type FilteredStream, filteredStream } from './filtered-stream.ts';
import { peerCheck } from './peers.ts';
import { isTaken } from './probe.ts';

export interface ListenerOptions extends ConversationOptions {
  readonly host: string;
  readonly port: number;
  /** Peers that may ask. FastAGI knows no authentication. */
  readonly allow: readonly AddressRange[];
  /** Connections open at once. */
  readonly connections: number;
}

export interface Listener {
  readonly address: AddressInfo;
  /** Connections open now. */
  count(): Promise<number>;
  /** Whether a connection is taken now: asks by making one, which is in nobody's way. */
  answers(): Promise<boolean>;
  /** Takes no new call; resolves when the calls in progress are answered. */
  close(): Promise<void>;
}

/**
 * Opens the FastAGI port. @throws Fault where it can't be opened
 */
export async function listen(options: ListenerOptions): Promise<Listener> {
  let accept: (context: Context) => void = () => {};
  const server = agi((context) => accept(context), { logger: () => {} }).start(
    options.port,
    options.host,
  );
  // ding-dong's own way into a connection is kept, and given our stream instead of the socket.
  const [enter] = server.listeners('connection') as [(stream: FilteredStream) => void];
  server.off('connection', enter);
  await opened(server, options);
  server.on('error', (cause) => options.log.error({ err: cause }, 'agi: listener'));

  const address = server.address() as AddressInfo;
  const mayAsk = peerCheck(() => options.allow, address.address);
  const unasked = { count: 0 };
  const refused = limited(options.log);
  let probes = 0; // connections that we make to ourselves
  const isProbe = (socket: Socket) => probes > 0 && socket.remoteAddress === socket.localAddress;

  server.maxConnections = options.connections;
  server.on('drop', () => {
    options.failed('connection-limit');
    refused.warn({ limit: options.connections }, 'agi: connection limit');
  });
  server.on('connection', (socket: Socket) => {
    server.maxConnections = options.connections; // a reload may have changed it
    if (!mayAsk(socket)) {
      if (!isProbe(socket)) {
        options.failed('not-allowed');
        refused.warn({ peer: socket.remoteAddress }, 'agi: peer is not allowed');
      }
      socket.destroy();
      return;
    }
    const stream = filteredStream(socket);
    accept = (context) => converse(context, stream, socket, options, unasked);
    enter(stream); // calls `accept` before it returns
  });
  return {
    address,
    async answers() {
      probes++;
      const taken = await isTaken(address);
      probes--;
      return taken;
    },
    count: () =>
      new Promise((resolve) => {
        server.getConnections((_, count) => resolve(count));
      }),
    // Each conversation ends by its own deadline, so this does too.
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
      }),
  };
}

function opened(server: Server, { host, port }: ListenerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const known = cause.code === 'EADDRINUSE' ? 'agi-port-in-use' : 'agi-port';
      reject(
        known === 'agi-port-in-use'
          ? fault(known, host, port)
          : fault(known, host, port, cause.code ?? cause.message),
      );
    });
  });
}
