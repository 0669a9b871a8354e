import { type Address, compareAddresses, formatRange } from '../address/index.ts';
import type { CountryData } from '../country/index.ts';
import { originOf, type Policy } from '../policy/index.ts';
import { judgeAddress, type Verdict } from '../screening/index.ts';
import type { Peer } from './peer.ts';

export interface JudgedPeer {
  readonly peer: Peer;
  /** Address or network; null where none is known. */
  readonly address: string | null;
  /** Two capital letters; null where it is not known, or not the same all over the network. */
  readonly country: string | null;
  /** null: not judged, as the phone is not registered. */
  readonly ok: boolean | null;
  readonly reason: Verdict['reason'] | 'unresolved' | 'not-registered';
  /** `permit GB`; null where no rule decided. */
  readonly rule: string | null;
}

export interface JudgeParts {
  readonly policy: Policy;
  readonly country: Pick<CountryData, 'country' | 'operator'>;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Judges where peers are by the policy that calls are judged by. A network is ok if both of its ends
 * are. Who is known by a name that has no address is not: nobody can tell where that is.
 */
export function judgePeers(peers: readonly Peer[], parts: JudgeParts): JudgedPeer[] {
  return peers.map((peer) => judgePeer(peer, parts));
}

function judgePeer(peer: Peer, parts: JudgeParts): JudgedPeer {
  const { range, host } = peer;
  if (!range) {
    const nowhere = { peer, address: null, country: null, rule: null };
    return host === undefined
      ? { ...nowhere, ok: null, reason: 'not-registered' }
      : { ...nowhere, ok: false, reason: 'unresolved' };
  }
  const first = judge(range.first, parts);
  const last = compareAddresses(range.first, range.last) === 0 ? first : judge(range.last, parts);
  const decisive = first.verdict.outcome === 'allow' ? last : first;
  const { outcome, reason, rule } = decisive.verdict;
  return {
    peer,
    address: formatRange(range),
    country: first.country === last.country ? (first.country ?? null) : null,
    ok: outcome === 'allow',
    reason,
    rule: rule ? `${rule.list} ${rule.text}` : null,
  };
}

function judge(address: Address, { policy, country, now }: JudgeParts) {
  const origin = originOf(country, address);
  return { country: origin.country, verdict: judgeAddress(origin, policy, now) };
}
