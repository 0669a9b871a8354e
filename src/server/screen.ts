import { countedSource } from '../address/index.ts';
import type { Answer, Crowd } from '../agi/index.ts';
import type { CountryData } from '../country/index.ts';
import type { Journal, JournalEntry, Recorded } from '../journal/index.ts';
import type { Log } from '../log.ts';
import type { Counts } from '../metrics/index.ts';
import type { LivePolicy, Policy } from '../policy/index.ts';
import { type Call, type CallRate, decide, type Facts } from '../screening/index.ts';

/** What a call is judged with. */
export interface ScreenParts {
  readonly policy: LivePolicy;
  readonly country: CountryData;
  readonly rate: CallRate;
  readonly journal: Journal;
  readonly counts: Counts;
  readonly log: Log;
}

export interface Screen {
  /** Judges a call and journals it. */
  answer(call: Call, crowd: Crowd): Promise<Answer>;
  /** Answers at once those that wait for others. */
  flush(): void;
}

/** Milliseconds that a call waits at most for others that have connected and not asked yet. */
const GATHER = 1;

interface Waiting {
  readonly call: Call;
  readonly started: number;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (cause: unknown) => void;
}

/**
 * The way of a call, once it has been read: facts → decide → journal → answer. Calls that come in
 * together go together: one look whether the policy changed, one commit. Alone, a call waits for
 * nobody.
 */
export function createScreen(parts: ScreenParts): Screen {
  let gathered: Waiting[] = [];
  let timer: NodeJS.Timeout | undefined;

  function screenGathered(): void {
    clearTimeout(timer);
    timer = undefined;
    const calls = gathered;
    gathered = [];
    try {
      const recorded = parts.journal.recordAll(() => {
        const policy = parts.policy.current();
        return calls.map(({ call, started }) => judge(parts, policy, call, started));
      });
      calls.forEach(({ resolve }, i) => {
        resolve(answerOf(recorded[i]!));
      });
      const answered = performance.now();
      for (const [i, { entry }] of recorded.entries()) {
        const { call, verdict, country } = entry;
        const { outcome, reason } = verdict;
        parts.counts.call(verdict, country, (answered - calls[i]!.started) / 1_000);
        parts.log.debug({ source: call.source, outcome, reason }, 'call');
      }
    } catch (cause) {
      for (const { reject } of calls) reject(cause);
    }
  }

  return {
    answer: (call, { started, coming }) =>
      new Promise((resolve, reject) => {
        gathered.push({ call, started, resolve, reject });
        if (coming === 0) screenGathered();
        else timer ??= setTimeout(screenGathered, GATHER);
      }),
    flush() {
      if (gathered.length > 0) screenGathered();
    },
  };
}

function judge(parts: ScreenParts, policy: Policy, call: Call, started: number): JournalEntry {
  const facts = factsOf(parts, call);
  return {
    at: facts.now,
    call,
    verdict: decide(call, policy, facts),
    country: facts.country ?? '',
    operator: facts.operator,
    enforced: policy.mode === 'enforce',
    micros: (performance.now() - started) * 1_000,
  };
}

function factsOf({ country, rate }: ScreenParts, { source }: Call): Facts {
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

function answerOf({ entry: { verdict, enforced, country }, row }: Recorded): Answer {
  return { verdict, enforced, country, row };
}
