import type { Socket } from 'node:net';
import { type AddressRange, contains, isLoopback } from '../address/index.ts';
import { parseSource } from '../sip/index.ts';

/** A list of who may ask, with what was found out about it. */
interface Known {
  readonly list: readonly AddressRange[];
  readonly everybody: boolean;
  /** Asterisk's own address comes again and again: the last answer is kept. */
  peer: string | undefined;
  allowed: boolean;
}

/**
 * Tells whether a peer may ask.
 *
 * A port on loopback is reached from this machine alone, and whoever comes from another of its
 * addresses could come from that one as well: where the list has it, all may ask, and the system
 * call for the peer's address, some hundredths of a call's time, is spared.
 * @param allow the list in use: a reload replaces it
 * @param bound where the port listens
 */
export function peerCheck(
  allow: () => readonly AddressRange[],
  bound: string,
): (socket: Socket) => boolean {
  const covers = (list: readonly AddressRange[], text: string) => {
    const address = parseSource(text);
    return address !== undefined && list.some((range) => contains(range, address));
  };

  let known: Known | undefined;
  function listInUse(): Known {
    const list = allow();
    if (known?.list === list) return known;
    const everybody = isLoopback(bound) && covers(list, bound);
    known = { list, everybody, peer: undefined, allowed: false };
    return known;
  }

  return (socket) => {
    const found = listInUse();
    if (found.everybody) return true;
    const peer = socket.remoteAddress ?? '';
    if (found.peer !== peer) {
      found.peer = peer;
      found.allowed = covers(found.list, peer);
    }
    return found.allowed;
  };
}
