import { countedSource, formatAddress } from '../address/index.ts';
import { formatRoute } from '../policy/index.ts';
import type { Call, Verdict } from '../screening/index.ts';

/** One call screened. */
export interface JournalEntry {
  /** Milliseconds since 1970, UTC. */
  readonly at: number;
  readonly call: Call;
  readonly verdict: Verdict;
  /** Two capital letters, or empty. */
  readonly country: string;
  /** AS number, where it was looked up. */
  readonly operator: number | undefined;
  /** Whether the reply acts on the verdict: false in monitor mode. */
  readonly enforced: boolean;
  /** Microseconds from the connection to the verdict. */
  readonly micros: number;
}

/** What a mail tells of a refused stranger: kept as JSON in the outbox, apart from the journal. */
export interface AlertFacts {
  readonly at: number;
  /** Address, malformed text, or empty. */
  readonly source: string;
  readonly country: string;
  readonly operator: number | null;
  readonly entry: string;
  readonly sipuri: string;
  readonly number: string;
  readonly name: string;
  readonly extension: string;
  readonly domain: string;
  readonly agent: string;
  readonly reason: string;
  /** The rule behind the verdict, as text; empty where none is. */
  readonly rule: string;
}

/** No text of a caller takes more room than this many UTF-16 units. */
const LONGEST = 256;

export function callValues({ call, verdict, ...entry }: JournalEntry) {
  return {
    at: entry.at,
    entry: call.entry,
    technology: cut(call.technology),
    channel: cut(call.channel),
    uniqueid: cut(call.uniqueid),
    source: sourceText(call),
    counted: countedText(call),
    country: entry.country,
    operator: entry.operator ?? null,
    sipuri: cut(call.sipuri),
    domain: cut(call.domain),
    extension: cut(call.extension),
    number: cut(call.number),
    name: cut(call.name),
    agent: cut(call.agent),
    outcome: verdict.outcome,
    reason: verdict.reason,
    rule_list: verdict.rule?.list ?? '',
    rule: verdict.rule?.text ?? '',
    route: verdict.outcome === 'allow' && verdict.route ? formatRoute(verdict.route) : '',
    enforced: entry.enforced ? 1 : 0,
    micros: Math.round(entry.micros),
  };
}

export type CallValues = ReturnType<typeof callValues>;

export function alertFacts(values: CallValues): AlertFacts {
  const { at, source, country, operator, entry, sipuri, number, name } = values;
  const { extension, domain, agent, reason, rule } = values;
  return {
    ...{ at, source, country, operator, entry, sipuri, number, name },
    ...{ extension, domain, agent, reason, rule },
  };
}

function sourceText({ source }: Call): string {
  if (source.kind === 'address') return formatAddress(source.address);
  return source.kind === 'malformed' ? cut(source.text) : '';
}

function countedText({ source }: Call): string {
  return source.kind === 'address' ? countedSource(source.address) : '';
}

/** The first part of the text; a character of two UTF-16 units is kept whole or not at all. */
export function cut(text: string): string {
  if (text.length <= LONGEST) return text;
  const part = text.slice(0, LONGEST);
  return /[\ud800-\udbff]$/.test(part) ? part.slice(0, -1) : part;
}
