import type { Reason } from '../screening/index.ts';
import { createTally } from './tally.ts';

/** Why somebody looks as if he belonged here. */
export type Sign =
  | 'long' // a call was answered, and lasted
  | 'days' // calls on several days
  | 'repeated'; // the same number, again and again

/** Somebody who got through in monitor mode, would be refused, and looks legitimate. */
export interface LikelySource {
  /** The address that called last, or the journal's text where there is none. */
  readonly source: string;
  /** IPv4 address or IPv6 /64; empty without an address. */
  readonly counted: string;
  /** Two capital letters, or empty. */
  readonly country: string;
  /** Why the last call would be refused. */
  readonly reason: Reason;
  readonly calls: number;
  /** Local days on which calls came. */
  readonly days: number;
  /** Calls that were answered; 0 where no call records tell. */
  readonly answered: number;
  /** Seconds of the longest of them. */
  readonly longest: number;
  /** What was dialled most, as the callers wrote it. */
  readonly extension: string;
  /** The called domain of the last call, as the caller wrote it. */
  readonly domain: string;
  /** Of the last call, milliseconds since 1970. */
  readonly last: number;
  readonly signs: readonly Sign[];
}

/** One call that got through and would be refused. */
export interface PassedCall {
  readonly at: number;
  readonly source: string;
  readonly country: string;
  readonly reason: Reason;
  readonly extension: string;
  readonly domain: string;
  /** Seconds for which it was answered; undefined where no call record could tell. */
  readonly seconds: number | undefined;
}

/** Seconds from which a call is long: announcements and misdialled numbers are over before. */
const LONG = 30;
/** Calls for the same number that are no accident. */
const REPEATED = 3;

/** Refused on purpose: whoever is denied, or poses as a scanner, may look as he likes. */
const MEANT: ReadonlySet<Reason> = new Set<Reason>(['denied', 'scanner']);

/** Gathers the refused calls of one source. */
export function gatherSource(counted: string) {
  const days = new Set<string>();
  const dialled = createTally();
  let refused = 0;
  let calls = 0;
  let answered = 0;
  let longest = 0;
  let heard = false; // a call may have been answered
  let last: PassedCall | undefined;

  return {
    counted,
    refused: () => refused,

    /** Counts a call that was refused then, too. */
    refuse: () => void refused++,

    pass(call: PassedCall): void {
      refused++;
      if (MEANT.has(call.reason)) return;
      calls++;
      days.add(new Date(call.at).toDateString());
      dialled.add(call.extension, 1);
      if (call.seconds !== 0) heard = true;
      if (call.seconds) answered++;
      longest = Math.max(longest, call.seconds ?? 0);
      if (!last || call.at >= last.at) last = call;
    },

    /** @returns undefined where nothing speaks for the source */
    likely(): LikelySource | undefined {
      if (!last) return undefined;
      const [most] = dialled.top(1);
      const signs: Sign[] = [];
      if (longest >= LONG) signs.push('long');
      // Scanners repeat themselves, too: somebody must have answered. And those without an address
      // are not one source.
      if (heard && counted !== '' && days.size > 1) signs.push('days');
      if (heard && counted !== '' && most!.calls >= REPEATED) signs.push('repeated');
      if (signs.length === 0) return undefined;
      const { source, country, reason, domain, at } = last;
      return {
        ...{ source, counted, country, reason, calls, days: days.size, answered, longest },
        ...{ extension: most!.name, domain, last: at, signs },
      };
    },
  };
}
