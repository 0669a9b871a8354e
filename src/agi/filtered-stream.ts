import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';

/**
 * What ding-dong gets to see of a connection: never the socket, only what we hand on. Its faults
 * with hostile peers (buffers without bound, values cut at a colon, promises that never settle, an
 * `error` that ends the process) have nothing to feed on then. It also spares ding-dong the hundred
 * methods of a socket, each of which its stream would wrap anew for each call.
 */
export interface FilteredStream extends EventEmitter {
  /** Hands text on to ding-dong. */
  pass(text: string): void;
}

export function filteredStream(socket: Socket): FilteredStream {
  const stream = new EventEmitter();
  return Object.assign(stream, {
    pass: (text: string) => void stream.emit('data', Buffer.from(text)),
    // What ding-dong calls; it finds them as properties of the stream's own.
    write: (text: string) => socket.write(text),
    end: () => void socket.end(),
    pause() {},
    resume() {},
  });
}
