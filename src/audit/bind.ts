import { type Address, isLoopback } from '../address/index.ts';
import { parseSource } from '../sip/index.ts';

export type Family = Address['family'];

/** A socket that a server of Asterisk is to open, by its configuration. */
export interface Bind {
  /** `0.0.0.0`, `[::]:8089`, as it is written. */
  readonly address: string;
  readonly port: number;
  /** Where that stands. */
  readonly where: string;
  /** The families of addresses from which other hosts reach it; none on loopback. */
  readonly families: readonly Family[];
}

/**
 * @param text an address, with or without a port
 * @param port where it names none
 */
export function bindOf(text: string, port: number, where: string): Bind {
  const [, bracketed, plain] = /^\[(.*)\](?::\d+)?$|^([^:]*)(?::\d+)?$/.exec(text) ?? [];
  const address = bracketed ?? plain ?? text;
  const named = /(?:^[^:]*|\]):(\d{1,5})$/.exec(text)?.[1];
  return {
    address,
    port: named === undefined ? port : Number(named),
    where,
    families: families(text, address),
  };
}

/** `::` takes IPv4 as well: Asterisk leaves the kernel's dual-stack sockets as they are. */
function families(text: string, host: string): Family[] {
  if (isLoopback(host)) return [];
  const address = parseSource(text);
  if (!address || host === '::') return [4, 6];
  return [address.family];
}
