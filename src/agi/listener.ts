import type { AddressInfo, Server, Socket } from 'node:net';
import agi, { type Context } from 'ding-dong';
import { type AddressRange, contains } from '../address/index.ts';
import { fault } from '../errors.ts';
import { limited } from '../log.ts';
import { parseSource } from '../sip/index.ts';
import { type ConversationOptions, converse } from './conversation.ts';
import { type FilteredStream, filteredStream } from './filtered-stream.ts';
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
  const unasked = { count: 0 };
  let accept: (context: Context) => void = () => {};
  const server = agi((context) => accept(context), { logger: () => {} }).start(
    options.port,
    options.host,
  );
  // ding-dong's own way into a connection is kept, and given our stream instead of the socket.
  const [enter] = server.listeners('connection') as [(stream: FilteredStream) => void];
  server.off('connection', enter);
  server.on('connection', (socket: Socket) => {
    server.maxConnections = options.connections; // a reload may have changed it
    if (!isAllowed(socket)) {
      socket.destroy();
      return;
    }
    const stream = filteredStream(socket);
    accept = (context) => converse(context, stream, socket, options, unasked);
    enter(stream); // calls `accept` before it returns
  });
  const refused = limited(options.log);
  server.maxConnections = options.connections;
  server.on('drop', () => {
    options.failed('connection-limit');
    refused.warn({ limit: options.connections }, 'agi: connection limit');
  });

  let probes = 0; // connections that we make to ourselves

  // Asterisk's own address comes again and again: the last answer is kept.
  let last: { text: string; allow: readonly AddressRange[]; allowed: boolean } | undefined;
  function isAllowed(socket: Socket): boolean {
    const text = socket.remoteAddress ?? '';
    const { allow } = options;
    if (last?.text !== text || last.allow !== allow) {
      const peer = parseSource(text);
      const allowed = peer !== undefined && allow.some((range) => contains(range, peer));
      last = { text, allow, allowed };
    }
    const own = probes > 0 && text === socket.localAddress;
    if (!last.allowed && !own) {
      options.failed('not-allowed');
      refused.warn({ peer: text }, 'agi: peer is not allowed');
    }
    return last.allowed;
  }

  await opened(server, options);
  server.on('error', (cause) => options.log.error({ err: cause }, 'agi: listener'));
  const address = server.address() as AddressInfo;
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
