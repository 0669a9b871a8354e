import type { AddressRange } from '../address/index.ts';
import type { List } from '../policy/index.ts';
import type { Spans } from './spans.ts';

/**
 * `blocks`: only blocked and denied sources are shut out. `sip`: the ports of SIP, IAX and media are
 * open to trust and permit alone. `server`: so is everything but SSH.
 */
export type Level = 'blocks' | 'sip' | 'server';
export const LEVELS: readonly Level[] = ['blocks', 'sip', 'server'];

/** The rest of a public SIP server's rule set, each part as the administrator chose. */
export interface Options {
  /** TCP packets with flags that no honest sender sets, new TCP without SYN, conntrack's INVALID. */
  readonly invalid: boolean;
  /** Sources that can't be on the Internet; never the networks that this server itself is in. */
  readonly bogons: boolean;
  /** UDP without anything in it (28 bytes and less, header included). */
  readonly tiny: boolean;
  /** By source: 10 new TCP connections a second, 20 REGISTER in 10 s, 20 INVITE in 5 s. */
  readonly rates: boolean;
  /** Who probes a port that is never offered here is shut out for 600 s. */
  readonly traps: boolean;
  /** First packets must name one of our domains (`sip:HOST`); iptables only. */
  readonly domains: boolean;
  /** Packets that carry a scanner's name; iptables only. */
  readonly scanners: boolean;
}

/** Ports as in the configuration: `5060` or `10000-20000`. */
export interface Ports {
  readonly sip: readonly string[];
  readonly websocket: readonly string[];
  readonly iax: readonly string[];
  readonly rtp: readonly string[];
  readonly ssh: readonly string[];
  readonly traps: readonly string[];
}

/** Disjoint ranges in order, those that touch joined: the fewest there can be. */
export interface Ranges {
  readonly v4: readonly AddressRange[];
  readonly v6: readonly AddressRange[];
}

export interface PlanBlock {
  /** IPv4 address or IPv6 /64. */
  readonly counted: string;
  /** That are left of it; undefined: until it is lifted. */
  readonly seconds: number | undefined;
}

/** What is to stand at the firewall, in whatever flavour it is written. */
export interface Plan {
  readonly level: Level;
  readonly options: Options;
  readonly ports: Ports;
  readonly trust: Ranges;
  readonly deny: Ranges;
  readonly permit: Ranges;
  readonly blocks: readonly PlanBlock[];
  /** Networks that this server's own interfaces are in: no bogons. */
  readonly own: readonly AddressRange[];
  readonly domains: readonly string[];
  /** Lower case. */
  readonly scanners: readonly string[];
}

/** A plan for nftables, its lists packed: they can be long. */
export interface NftPlan extends Pick<Plan, 'level' | 'ports' | 'blocks' | 'own'> {
  readonly options: NftOptions;
  readonly lists: Readonly<Record<List, Spans>>;
}

/** What nftables can do of it: it can't match text. */
export type NftOptions = Omit<Options, 'domains' | 'scanners'>;
export const NFT_OPTIONS: readonly (keyof NftOptions)[] = [
  'invalid',
  'bogons',
  'tiny',
  'rates',
  'traps',
];
