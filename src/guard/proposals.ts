import {
  type AddressRange,
  contains,
  formatRange,
  isPrivate,
  sizeOf,
} from '../address/index.ts';
import { Fault, oneLine } from '../errors.ts';
import { formatSubject, parseSubject, rangeSubject, type Subject } from '../policy/index.ts';
import type { JudgedPeer } from './judge-peers.ts';
import type { Peer } from './peer.ts';

/** A rule that would let in who is known now. */
export interface Proposal {
  readonly list: 'permit' | 'trust';
  readonly subject: Subject;
  /** Whom it is for: `PJSIP/1001`; their own text. */
  readonly peers: readonly string[];
  /** What it covers now; nothing where a name has no address. */
  readonly ranges: readonly AddressRange[];
  /** Where that is; null for countries that are not known. */
  readonly countries: readonly (string | null)[];
  /** Why it is not let in as things are. */
  readonly reasons: readonly JudgedPeer['reason'][];
  /** Phones that are registered now: any of them may be a stranger who guessed a password. */
  readonly registered: boolean;
  /** What these phones call themselves; their own text. */
  readonly agents: readonly string[];
}

export interface Proposals {
  readonly proposals: readonly Proposal[];
  /** What is known but not proposed, and why: a line each, safe to show. */
  readonly remarks: readonly string[];
}

/** Addresses of a network that nobody should permit without a thought: IPv4 /16, IPv6 /32. */
const WIDEST = { 4: 1n << 16n, 6: 1n << 96n } as const;

/**
 * Makes rules of where peers are: permit for phones, trust for trunks, by name where one is
 * configured, so that the rule follows DNS. What is let in already needs none, nor does what is
 * private; what a deny covers is left to whoever made the deny.
 */
export function propose(judged: readonly JudgedPeer[]): Proposals {
  const remarks = new Set<string>();
  const found = new Map<string, Proposal>();
  const denied = new Set<string>();
  for (const one of judged) {
    if (one.ok === null || (one.peer.range && isInside(one.peer.range))) continue;
    const subject = one.ok ? nameOf(one.peer) : subjectOf(one);
    if (typeof subject === 'string') remarks.add(subject);
    if (typeof subject !== 'object') continue;
    const proposal = proposalOf(one, subject);
    const key = `${proposal.list} ${formatSubject(subject)}`;
    if (one.reason === 'denied') {
      denied.add(key);
      remarks.add(`${title(one.peer)}: ${one.address} is denied (${one.rule}); no rule proposed`);
    }
    const before = found.get(key);
    found.set(key, before ? joined(before, proposal) : proposal);
  }
  const proposals = [...found]
    .filter(([key, { reasons }]) => reasons.length > 0 && !denied.has(key))
    .map(([, proposal]) => proposal);
  return { proposals: withoutCovered(proposals), remarks: [...remarks] };
}

function proposalOf({ peer, country, ok, reason }: JudgedPeer, subject: Subject): Proposal {
  return {
    list: peer.role === 'trunk' ? 'trust' : 'permit',
    subject,
    peers: [title(peer)],
    ranges: peer.range ? [peer.range] : [],
    countries: peer.range ? [country] : [],
    reasons: ok ? [] : [reason],
    registered: peer.role === 'phone' && peer.status !== '',
    agents: peer.agent === '' ? [] : [peer.agent],
  };
}
