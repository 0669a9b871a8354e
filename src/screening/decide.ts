import { domainKey } from '../policy/domain.ts';
import type { Origin, Policy } from '../policy/policy.ts';
import { extensionKey } from '../policy/route.ts';
import type { Rule } from '../policy/types.ts';
import { blankCall, type Call } from './call.ts';
import type { StrangerReason, Verdict } from './verdict.ts';

/** What had to be looked up or counted before the decision. */
export interface Facts {
  /** Country of the source, two capital letters, where the country database knows it. */
  readonly country: string | undefined;
  /** AS number of the source's network operator, where known. */
  readonly operator: number | undefined;
  /** Whether the source is above its call rate. */
  readonly overRate: boolean;
  /** Milliseconds since 1970: rules that expired by then don't count. */
  readonly now: number;
}

/**
 * The decision: pure, the first line that applies wins. The numbers are those of the table in
 * the manual (docs/decision.md). Monitor mode changes the reply, not the verdict.
 */
export function decide(call: Call, policy: Policy, facts: Facts): Verdict {
  const { source } = call;
  // 1: a line card or Local channel has no address to judge. Inbound routes serve them too.
  if (source.kind === 'none') {
    return call.entry === 'external'
      ? stranger('no-address')
      : { outcome: 'allow', reason: 'no-address' };
  }
  // 2
  if (source.kind === 'malformed') return stranger('bad-address');

  const origin: Origin = {
    address: source.address,
    country: facts.country,
    operator: facts.operator,
  };
  // 3: trusted sources skip 4 to 7
  const trusted = policy.match('trust', origin, facts.now);
  if (trusted) return admit(call, policy, 'trusted', trusted);
  // 4
  const denied = policy.match('deny', origin, facts.now);
  if (denied) return stranger('denied', denied);
  // 5
  if (policy.isScanner(call.agent)) return stranger('scanner');
  // 6
  if (facts.overRate) return stranger('rate');
  // 7
  const permitted = policy.match('permit', origin, facts.now);
  if (!permitted) {
    return stranger(facts.country === undefined ? 'country-unknown' : 'not-permitted');
  }
  return admit(call, policy, 'permitted', permitted);
}

/** Judges an address alone, as a call from there on an inbound route: lines 3, 4 and 7. */
export function judgeAddress(origin: Origin, policy: Policy, now: number): Verdict {
  const { address, country, operator } = origin;
  const call = blankCall('blacklist-check', { kind: 'address', address });
  return decide(call, policy, { country, operator, overRate: false, now });
}

/** Lines 8 to 10, for a source that may come in. */
function admit(call: Call, policy: Policy, reason: 'permitted' | 'trusted', rule: Rule): Verdict {
  if (call.entry === 'blacklist-check') return { outcome: 'allow', reason, rule };
  // 8
  if (policy.domains.size > 0 && !policy.domains.has(domainKey(call.domain))) {
    return stranger('wrong-domain');
  }
  // 9
  const route = policy.extensions.get(extensionKey(call.extension));
  if (!route) return { outcome: 'unlisted', reason: 'unlisted', rule };
  // 10
  return { outcome: 'allow', reason, rule, route };
}

function stranger(reason: StrangerReason, rule?: Rule): Verdict {
  return rule ? { outcome: 'stranger', reason, rule } : { outcome: 'stranger', reason };
}
