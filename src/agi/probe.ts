import { type AddressInfo, connect } from 'node:net';

/** Milliseconds after which a connection counts as not taken. */
const PATIENCE = 5_000;

/**
 * Whether a server takes connections: makes one, says nothing, and waits for the other side's end.
 * That the kernel holds a connection in its queue is not enough; that the server has no room for one
 * more, and closes it, is.
 */
export function isTaken({ address, port }: AddressInfo): Promise<boolean> {
  return new Promise((resolve) => {
    // From the same address, where it is one: so it is known for our own.
    const from = isUnspecified(address) ? {} : { localAddress: address };
    const socket = connect({ host: address, port, timeout: PATIENCE, ...from });
    let connected = false;
    socket.on('connect', () => {
      connected = true;
      socket.end();
    });
    socket.on('timeout', () => {
      connected = false;
      socket.destroy();
    });
    socket.on('error', () => {}); // refused, or reset by a server that is full: 'close' follows
    socket.on('close', () => resolve(connected));
    socket.resume();
  });
}

const isUnspecified = (address: string) => address === '0.0.0.0' || address === '::';
