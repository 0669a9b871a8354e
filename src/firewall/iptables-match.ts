import type { AddressRange } from '../address/index.ts';
import { setName } from './ipset.ts';

/** Rules of one chain, without its name: `-i lo -j RETURN`. */
export interface Chain {
  readonly name: string;
  readonly rules: readonly string[];
}

/** Our own chains. All are written at each load, used or not: what an earlier plan left vanishes. */
export const CHAINS = {
  main: 'IPCOUNTRY',
  bogons: 'IPCOUNTRY-BOGON',
  traps: 'IPCOUNTRY-TRAP',
  scanner: 'IPCOUNTRY-SCANNER',
  domains: 'IPCOUNTRY-DOMAIN',
} as const;

export const ofFamily = (ranges: readonly AddressRange[], family: 4 | 6) =>
  ranges.filter((range) => range.first.family === family);

export const permitted = (family: 4 | 6) => `-m set --match-set ${setName('permit', family)} src`;
export const unpermitted = (family: 4 | 6) =>
  `-m set ! --match-set ${setName('permit', family)} src`;

/** Ports that one `multiport` takes; a range counts as two. */
const MULTIPORT = 15;

/**
 * Matches for packets to any of the ports, as few as there can be. No port, no match.
 * @param ports as in a plan: `5060`, `10000-20000`
 */
export function toPorts(protocol: 'tcp' | 'udp', ports: readonly string[]): string[] {
  const groups: string[][] = [];
  let room = 0;
  for (const port of ports) {
    const [first, last = first] = port.split('-');
    const size = first === last ? 1 : 2; // iptables takes no 22:22
    if (size > room) {
      groups.push([]);
      room = MULTIPORT;
    }
    groups.at(-1)!.push(size === 1 ? first! : `${first}:${last}`);
    room -= size;
  }
  return groups.map((group) => `-p ${protocol} -m multiport --dports ${group.join(',')}`);
}

/** Where a text is looked for that need not be at the beginning: in what one packet usually holds. */
export const FIRST_BYTES = { to: 1500 };

/** Bytes of text that one `string` takes (XT_STRING_MAX_PATTERN_SIZE). */
const LONGEST_TEXT = 128;
/** Of these bytes iptables-restore takes none for anything but themselves, quoted or not. */
const PLAIN = /^[A-Za-z0-9._:@/][A-Za-z0-9._:@/ -]*$/;

/**
 * Matches a text within the first bytes of a packet, counted from its IP header; of a text that is
 * too long for iptables the beginning. Letters in any case.
 *
 * `kmp`, not `bm`: Boyer-Moore finds nothing that lies across two fragments of a packet, and a
 * sender chooses where to break it (Linux, lib/ts_bm.c).
 */
export function containing(text: string | Buffer, within: { from?: number; to: number }): string {
  const bytes = Buffer.from(text as string).subarray(0, LONGEST_TEXT);
  const plain = bytes.toString('latin1');
  const pattern = PLAIN.test(plain)
    ? `--string "${plain}"`
    : `--hex-string "|${bytes.toString('hex')}|"`;
  const from = within.from === undefined ? '' : ` --from ${within.from}`;
  return `-m string --algo kmp --icase${from} --to ${within.to} ${pattern}`;
}

/**
 * A list of source addresses in the kernel's memory, of IPv6 their /64. One for each family: a list
 * has the mask of the rule that made it.
 */
export function recent(list: 'known' | 'scanner' | 'trap', family: 4 | 6, what: string): string {
  const mask = family === 4 ? '255.255.255.255' : 'ffff:ffff:ffff:ffff::';
  return `-m recent --name ipcountry-${list}${family} --rsource --mask ${mask} ${what}`;
}
