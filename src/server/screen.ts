import { countedSource } from '../address/index.ts';
import type { Answer } from '../agi/index.ts';
import type { CountryData } from '../country/index.ts';
import type { Journal } from '../journal/index.ts';
import type { Log } from '../log.ts';
import type { LivePolicy } from '../policy/index.ts';
import { type Call, type CallRate, decide, type Facts } from '../screening/index.ts';

/** What a call is judged with. */
export interface Screen {
  readonly policy: LivePolicy;
  readonly country: CountryData;
  readonly rate: CallRate;
  readonly journal: Journal;
  readonly log: Log;
}

/**
 * The way of a call, once it has been read: facts → decide → journal → answer.
 * @param started when the connection came in, on performance.now()'s clock
 */
export function screenCall(screen: Screen, call: Call, started: number): Answer {
  const policy = screen.policy.current();
  const facts = factsOf(screen, call);
  const verdict = decide(call, policy, facts);
  const enforced = policy.mode === 'enforce';
  const country = facts.country ?? '';
  const micros = (performance.now() - started) * 1_000;
  const entry = {
    at: facts.now,
    call,
    verdict,
    country,
    operator: facts.operator,
    enforced,
    micros,
  };
  const row = screen.journal.record(entry);
  const { outcome, reason } = verdict;
  screen.log.debug({ row, outcome, reason, country, source: call.source }, 'call');
  return { verdict, enforced, country, row };
}

function factsOf({ country, rate }: Screen, { source }: Call): Facts {
  const now = Date.now();
  if (source.kind !== 'address') {
    return { country: undefined, operator: undefined, overRate: false, now };
  }
  const { address } = source;
  return {
    country: country.country(address),
    operator: country.operator(address),
    overRate: rate.count(countedSource(address), performance.now()),
    now,
  };
}
