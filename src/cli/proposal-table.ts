import { formatRange } from '../address/index.ts';
import { countryName } from '../country/index.ts';
import { oneLine } from '../errors.ts';
import type { Proposal } from '../guard/proposals.ts';
import { formatSubject } from '../policy/index.ts';
import { counted, paint, shown, table } from './terminal.ts';

/** In place of a peer's name, which has a slash. */
export const THIS_SERVER = 'this server';

/** Characters of a note and of what phones call themselves: either may be anything. */
const LONGEST_NOTE = 80;
const LONGEST_AGENT = 40;

/** As --json prints it. */
export function row({ subject, ranges, ...proposal }: Proposal) {
  const addresses = ranges.map(formatRange);
  return { subject: formatSubject(subject), kind: subject.kind, addresses, ...proposal };
}

/** Peer, where it is, why it is not let in, and the rule that would let it in. */
export function showProposals(proposals: readonly Proposal[]): string {
  const says = proposals.some(({ agents }) => agents.length > 0);
  return table(
    ['PEER', 'ADDRESS', 'COUNTRY', 'NOW', 'PROPOSED', ...(says ? ['CALLS ITSELF'] : [])],
    proposals.map(({ list, subject, peers, ranges, countries, reasons, registered, agents }) => [
      shown(peers.join(', ')),
      ranges.map(formatRange).join(', ') || '-',
      countries.map(countryText).join(', '),
      registered ? paint('yellow', `! ${reasons.join(', ')}`) : reasons.join(', '),
      `${list} ${formatSubject(subject)}`,
      ...(says ? [shown(cut(agents.join(', '), LONGEST_AGENT))] : []),
    ]),
  );
}

function countryText(code: string | null): string {
  return code === null ? 'unknown' : `${code} ${countryName(code) ?? ''}`;
}

/** What is to be known before the question. */
export function remarksOn(proposals: readonly Proposal[], remarks: readonly string[]): string[] {
  const marked = proposals.some(({ registered }) => registered);
  const caution = '! registered now, from where nothing permits it: make sure that it is yours';
  return marked ? [caution, ...remarks] : [...remarks];
}

export function question(proposals: readonly Proposal[]): string {
  const phones = proposals.filter(({ registered }) => registered);
  const what = `this makes ${sum(proposals)}`;
  if (phones.length === 0) return what;
  const from = [...new Set(phones.flatMap(({ countries }) => countries.map(countryText)))];
  return `${what}, also for phones that are registered from ${from.join(', ')}`;
}

/** `3 rules (2 permit, 1 trust)`. */
export function sum(proposals: readonly Proposal[]): string {
  const counts = (['permit', 'trust'] as const)
    .map((list) => [proposals.filter((proposal) => proposal.list === list).length, list] as const)
    .filter(([count]) => count > 0);
  return `${counted(proposals.length, 'rule')} (${counts.map((one) => one.join(' ')).join(', ')})`;
}

/** A peer's name is its own text, and shows in lists. */
export function noteOf({ peers }: Proposal): string {
  const [first] = peers;
  const text = first === THIS_SERVER ? first : `peer ${peers.join(', ')}`;
  return oneLine(cut(text, LONGEST_NOTE));
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}
