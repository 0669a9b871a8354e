import type { CallRecords } from '../call-records/index.ts';
import { countryName } from '../country/index.ts';
import { type Count, type LikelySource, type Rehearsal, remedyFor } from '../rehearsal/index.ts';
import { counted, localTime, paint, shown, table } from './terminal.ts';

/** A rehearsal, and what it rests on. */
export interface Shown {
  readonly days: number;
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly rehearsal: Rehearsal;
  readonly records: CallRecords | undefined;
  /** Why call records can't be read. */
  readonly remarks: readonly string[];
}

/** Sources that people are shown; --json has all. */
const MOST_SOURCES = 20;
/** A caller's text takes no more room than this. */
const LONGEST = 24;

export function rehearsalJson({ days, since, rehearsal, records, remarks }: Shown) {
  const time = (at: number) => new Date(at).toISOString();
  return {
    days,
    since: time(since),
    ...rehearsal,
    likely: rehearsal.likely.map((source) => ({
      ...source,
      last: time(source.last),
      command: remedyFor(source),
    })),
    records: records
      ? { from: records.from, since: Number.isFinite(records.since) ? time(records.since) : null }
      : null,
    remarks,
  };
}

export function rehearsalText(all: Shown): string {
  const { days, rehearsal } = all;
  const { calls, refused, passed, likely } = rehearsal;
  const last = days === 1 ? 'last day' : `last ${days} days`;
  if (calls === 0)
    return paint('yellow', `${last}: no call was journalled: whom this cuts off is not known`);
  const lines = [
    `${last}: ${counted(calls, 'call')}; today's rules refuse ${refused}, of which ${passed} got through in monitor mode`,
  ];
  if (refused > 0) lines.push('', ...tallies(rehearsal));
  lines.push('', recordsText(all), '');
  if (likely.length === 0) lines.push(paint('green', 'nobody who got through looks legitimate'));
  else lines.push(...sources(likely));
  return lines.join('\n');
}

function tallies({ reasons, countries, networks }: Rehearsal): string[] {
  const rows = (what: string, counts: readonly Count[], name: (code: string) => string) =>
    counts.map((count, i) => [i === 0 ? what : '', name(count.name), String(count.calls)]);
  return [
    table(
      ['REFUSED', 'FOR, FROM', 'CALLS'],
      [
        ...rows('reason', reasons, (reason) => reason),
        ...rows('country', countries, country),
        ...rows('network', networks, (network) => network || 'no address'),
      ],
    ),
  ];
}

function country(code: string): string {
  return code === '' ? 'unknown' : `${code} ${countryName(code) ?? ''}`.trim();
}

function recordsText({ since, records, remarks }: Shown): string {
  if (!records) {
    return `no call records, so nobody knows who was answered: ${remarks.join('; ')}`;
  }
  const parts = [`call records: ${records.from}`];
  if (!Number.isFinite(records.since)) parts.push('empty: repetition alone tells');
  else if (records.since > since) {
    parts.push(`from ${localTime(records.since)} on; before that repetition alone tells`);
  }
  return [parts.join(', '), ...remarks].join('\n');
}

function sources(likely: readonly LikelySource[]): string[] {
  const few = likely.slice(0, MOST_SOURCES);
  const rest = likely.length - few.length;
  const rows = few.map((source) => [
    source.source === '' ? 'no address' : cut(source.source),
    country(source.country),
    source.reason,
    `${source.calls} on ${counted(source.days, 'day')}`,
    source.answered === 0 ? '' : `${source.answered}, longest ${duration(source.longest)}`,
    cut(source.extension),
    localTime(source.last),
  ]);
  const commands = [...new Set(few.map(remedyFor))];
  return [
    paint('yellow', `${counted(likely.length, 'caller')} ${looks(likely.length)} legitimate:`),
    table(['SOURCE', 'COUNTRY', 'REFUSED FOR', 'CALLS', 'ANSWERED', 'DIALLED', 'LAST'], rows),
    ...(rest > 0 ? [`and ${rest} more (--json shows all)`] : []),
    '',
    'who of them belongs here can be let in:',
    ...commands.map((command) => `  ${command}`),
  ];
}

const looks = (count: number) => (count === 1 ? 'looks' : 'look');

function cut(text: string): string {
  const safe = [...shown(text)];
  return safe.length > LONGEST ? `${safe.slice(0, LONGEST - 1).join('')}…` : safe.join('');
}

/** `12:40`, minutes and seconds. */
function duration(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
