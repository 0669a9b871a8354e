import { type AddressRange, contains, formatRange, isPrivate } from '../address/index.ts';
import { Fault, oneLine } from '../errors.ts';
import { formatSubject, parseSubject, rangeSubject, type Subject } from '../policy/index.ts';
import type { JudgedPeer } from './judge-peers.ts';
import type { Peer } from './peer.ts';
import { isTooWide } from './widest.ts';

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

/**
 * Makes rules of where peers are: permit for phones, trust for trunks, by name where one is
 * configured, so that the rule follows DNS. What is let in already needs none, nor does what is
 * private; what a deny covers is left to whoever made the deny.
 * @param more proposals of another origin, to be joined with these
 */
export function propose(judged: readonly JudgedPeer[], more: readonly Proposal[] = []): Proposals {
  const remarks = new Set<string>();
  const found = new Map<string, Proposal>();
  const denied = new Set<string>();
  const add = (proposal: Proposal): string => {
    const key = `${proposal.list} ${formatSubject(proposal.subject)}`;
    const before = found.get(key);
    found.set(key, before ? joined(before, proposal) : proposal);
    return key;
  };
  for (const one of [...judged].sort(byTitle)) {
    // Of a name with several addresses those count that are let in, as soon as one is not.
    if (one.ok === null || (one.ok && one.peer.host === undefined)) continue;
    const subject = subjectOf(one.peer);
    if (typeof subject === 'object') {
      const key = add(proposalOf(one, subject));
      if (one.reason !== 'denied') continue;
      denied.add(key);
      remarks.add(`${title(one.peer)}: ${one.address} is denied (${one.rule}); no rule proposed`);
    } else if (!one.ok && subject !== undefined) remarks.add(`${title(one.peer)}: ${subject}`);
  }
  for (const proposal of more) add(proposal);
  const wanted = [...found].filter(([key, { reasons }]) => reasons.length > 0 && !denied.has(key));
  const proposals = withoutCovered(wanted.map(([, proposal]) => proposal));
  return { proposals, remarks: [...remarks].map(oneLine) };
}

/** @returns why there can't be a rule, as text; undefined where none is needed */
function subjectOf({ role, kind, range, host }: Peer): Subject | string | undefined {
  if (role === 'phone' && kind === 'contact' && !range) {
    return 'gives a name as its address, and could give any; no rule proposed';
  }
  if (range && isPrivate(range.first) && isPrivate(range.last)) return undefined;
  if (host !== undefined) return nameOf(host) ?? `'${host}' can't be in a rule; no rule proposed`;
  if (!range) return undefined;
  return isTooWide(range)
    ? `${formatRange(range)} is too wide; if you mean that, make the rule by hand`
    : rangeSubject(range);
}

/** Not everything that could be a subject: `us` is a host here, and no country. */
function nameOf(host: string): Subject | undefined {
  try {
    const subject = parseSubject(host);
    return subject.kind === 'name' ? subject : undefined;
  } catch (cause) {
    if (cause instanceof Fault) return undefined;
    throw cause;
  }
}

function proposalOf({ peer, country, ok, reason }: JudgedPeer, subject: Subject): Proposal {
  return {
    list: peer.role === 'trunk' ? 'trust' : 'permit',
    subject,
    peers: [title(peer)],
    ranges: peer.range ? [peer.range] : [],
    countries: peer.range ? [country] : [],
    reasons: ok ? [] : [reason],
    // FreePBX knows no status: where it has a phone, an administrator has put it.
    registered: peer.role === 'phone' && peer.status !== '',
    agents: peer.agent === '' ? [] : [peer.agent],
  };
}

/** 99 before 100; Asterisk's own order is none. */
const { compare } = new Intl.Collator('en', { numeric: true });
const byTitle = (a: JudgedPeer, b: JudgedPeer) => compare(title(a.peer), title(b.peer));

function title({ technology, name }: Peer): string {
  return `${technology}/${name}`;
}

function joined(a: Proposal, b: Proposal): Proposal {
  const both = <T>(one: readonly T[], other: readonly T[]) => [...new Set([...one, ...other])];
  const known = new Set(a.ranges.map(formatRange));
  return {
    ...a,
    peers: both(a.peers, b.peers),
    ranges: [...a.ranges, ...b.ranges.filter((range) => !known.has(formatRange(range)))],
    countries: both(a.countries, b.countries),
    reasons: both(a.reasons, b.reasons),
    registered: a.registered || b.registered,
    agents: both(a.agents, b.agents),
  };
}

/** An address needs no rule where one of a name, a network or a trunk covers it; that one says so. */
function withoutCovered(proposals: readonly Proposal[]): Proposal[] {
  const isCovered = (one: Proposal) => proposals.some((other) => covers(other, one));
  return proposals
    .filter((one) => !isCovered(one))
    .map((one) =>
      proposals
        .filter((other) => covers(one, other))
        .reduce((sum, other) => ({ ...joined(sum, other), ranges: one.ranges }), one),
    );
}

/** A name is not covered: its addresses change. */
function covers(one: Proposal, other: Proposal): boolean {
  if (one === other || other.subject.kind !== 'range') return false;
  if (one.list === 'permit' && other.list === 'trust') return false;
  return other.ranges.every(({ first, last }) =>
    one.ranges.some((range) => contains(range, first) && contains(range, last)),
  );
}
