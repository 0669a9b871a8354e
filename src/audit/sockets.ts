import { endianness } from 'node:os';
import { addressFromBytes, formatAddress, ipv4 } from '../address/index.ts';
import type { ListeningSocket } from './pbx.ts';

/** Of /proc/net: a TCP socket that waits for connections (TCP_LISTEN of the kernel's tcp_states.h). */
const TCP_LISTEN = '0A';
/** A UDP socket that takes packets from anybody: one that is connected has another state. */
const UDP_UNCONNECTED = '07';

/**
 * Reads a table of sockets as /proc/net/udp, udp6, tcp and tcp6 have it.
 * @returns those that wait for packets or connections from others
 */
export function readSockets(
  text: string,
  protocol: ListeningSocket['protocol'],
): ListeningSocket[] {
  const waiting = protocol === 'tcp' ? TCP_LISTEN : UDP_UNCONNECTED;
  const rows = text.matchAll(
    /^ *\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) \S+ ([0-9A-F]{2}) /gm,
  );
  return [...rows]
    .filter(([, , , state]) => state === waiting)
    .map(([, address, port]) => ({
      protocol,
      address: addressOf(address!),
      port: Number.parseInt(port!, 16),
    }));
}

/** The kernel prints each 32-bit word of an address as the number that it is on this machine. */
function addressOf(hex: string): string {
  const bytes = Buffer.from(hex, 'hex');
  if (endianness() === 'LE') bytes.swap32();
  return formatAddress(bytes.length === 4 ? ipv4(bytes.readUInt32BE()) : addressFromBytes(bytes));
}
