import { parseAddress } from '../address/index.ts';
import type { JournalledCall } from '../journal/index.ts';
import type { Policy, Whereabouts } from '../policy/index.ts';
import { type Call, decide, type Source, type Verdict } from '../screening/index.ts';

/** What of a journalled call counts when it is judged anew. */
export type Judgeable = Pick<
  JournalledCall,
  'entry' | 'source' | 'domain' | 'extension' | 'agent' | 'outcome' | 'reason'
>;

/** What a journalled call would hear today. */
export interface Rejudged {
  readonly outcome: Verdict['outcome'];
  readonly reason: Verdict['reason'];
  /** Two capital letters, or empty. */
  readonly country: string;
}

/** How a call is judged anew. */
export interface Bench {
  readonly policy: Policy;
  readonly country: Whereabouts;
  /** Milliseconds since 1970, UTC. */
  readonly now: number;
}

/**
 * Judges a journalled call by a policy that may be another one by now. What rules don't change stays
 * as it was: a request without a sound address, and a source above its call rate.
 */
export function rejudge(call: Judgeable, { policy, country, now }: Bench): Rejudged {
  const { outcome, reason } = call;
  const address = parseAddress(call.source);
  if (!address || reason === 'bad-address') return { outcome, reason, country: '' };
  const known = country.country(address);
  const source = { kind: 'address', address } as const;
  const facts = {
    country: known,
    operator: country.operator(address),
    overRate: reason === 'rate',
    now,
  };
  const verdict = decide(callOf(call, source), policy, facts);
  return { outcome: verdict.outcome, reason: verdict.reason, country: known ?? '' };
}

/** Field by field: with `...` this takes longer than all the rest. */
function callOf({ entry, domain, extension, agent }: Judgeable, source: Source): Call {
  const unused = ''; // the decision does not look at these
  return {
    entry,
    source,
    domain,
    extension,
    agent,
    technology: unused,
    channel: unused,
    uniqueid: unused,
    sipuri: unused,
    number: unused,
    name: unused,
  };
}
