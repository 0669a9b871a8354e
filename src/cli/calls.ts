import type { Command } from 'commander';
import { type AddressRange, parseRange } from '../address/index.ts';
import { fault } from '../errors.ts';
import { type CallFilter, followCalls, type JournalledCall, queryCalls } from '../journal/index.ts';
import { checkedCountry } from './country-code.ts';
import { parseSince } from './duration.ts';
import { REASONS } from './reasons.ts';
import { type Session, withSession } from './session.ts';
import { localTime, paint, shown, table } from './terminal.ts';

const LIMIT = 50;

interface Options {
  readonly follow?: boolean;
  readonly strangers?: boolean;
  readonly since?: string;
  readonly until?: string;
  readonly source?: string;
  readonly country?: string;
  readonly extension?: string;
  readonly reason?: string;
  readonly limit?: string;
}

export function registerCalls(program: Command): void {
  program
    .command('calls')
    .description('show the calls that were screened, the newest last')
    .option('-f, --follow', 'go on and show calls as they come, until Ctrl-C')
    .option('--strangers', 'only those that were refused, or would have been')
    .option('--since <time>', 'how far back (30m, 8h, 1d) or from when (2026-11-21)')
    .option('--until <time>', 'up to when, in the same words')
    .option('--source <address>', 'only from an address or network')
    .option('--country <country>', 'only from a country')
    .option('--extension <extension>', 'only those that dialled it')
    .option('--reason <reason>', `only those with a reason: ${REASONS.join(', ')}`)
    .option('--limit <count>', `at most so many (default: ${LIMIT})`)
    .addHelpText(
      'after',
      `
Caller and what was dialled are the caller's own claims. With --follow, --since or --limit also
show what came before, and --json prints one object a line.

Examples:
  ipcountry calls --strangers --since 1d
  ipcountry calls --follow
  ipcountry calls --source 203.0.113.0/24 --since 2026-11-21 --limit 1000
  ipcountry calls --reason scanner --json`,
    )
    .action((options: Options, command: Command) =>
      withSession(command, (session) => showCalls(session, options)),
    );
}

async function showCalls(session: Session, options: Options): Promise<void> {
  const filter = readFilter(options, Date.now());
  if (options.follow) return follow(session, filter, options);
  const calls = queryCalls(session.database(), { ...filter, limit: readLimit(options.limit) });
  session.print(calls.map(jsonOf), () =>
    calls.length === 0 ? 'no such calls' : table(HEADER, calls.map(cellsOf)),
  );
}

function readFilter(options: Options, now: number): CallFilter {
  const { since, until, country, extension, reason } = options;
  if (reason !== undefined && !(REASONS as readonly string[]).includes(reason)) {
    throw fault('reason-unknown', reason, REASONS.join(', '));
  }
  return {
    since: since === undefined ? undefined : parseSince(since, now),
    until: until === undefined ? undefined : parseSince(until, now),
    outcome: options.strangers ? 'stranger' : undefined,
    source: options.source === undefined ? undefined : readRange(options.source),
    country: country === undefined ? undefined : checkedCountry(country),
    extension,
    reason,
  };
}

function readRange(text: string): AddressRange {
  const range = parseRange(text);
  if (!range) throw fault('address-invalid', text);
  return range;
}

function readLimit(text: string | undefined): number {
  if (text === undefined) return LIMIT;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw fault('limit', text);
  return Number(text);
}

async function follow(session: Session, filter: CallFilter, options: Options): Promise<void> {
  const database = session.database();
  const newest = queryCalls(database, { limit: 1 }).at(-1)?.id ?? 0;
  const before =
    options.since === undefined && options.limit === undefined
      ? []
      : queryCalls(database, { ...filter, limit: readLimit(options.limit) });
  const print = (call: JournalledCall) => {
    const line = session.json ? JSON.stringify(jsonOf(call)) : fixedLine(cellsOf(call));
    process.stdout.write(`${line}\n`);
  };
  if (!session.json) process.stdout.write(`${paint('dim', fixedLine(HEADER))}\n`);
  before.forEach(print);
  const stopped = new AbortController();
  const stop = () => stopped.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    const after = Math.max(newest, before.at(-1)?.id ?? 0);
    for await (const call of followCalls(database, filter, stopped.signal, after)) print(call);
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

function jsonOf(call: JournalledCall) {
  return { ...call, at: new Date(call.at).toISOString(), operator: call.operator ?? null };
}

const HEADER = ['TIME', 'SOURCE', 'CC', 'OUTCOME', 'REASON', 'RULE', 'DIALLED', 'CALLER'];
/** Widths where lines are printed one by one; what is longer pushes the rest along. */
const WIDTHS = [19, 16, 2, 8, 15, 18, 30, 0];

const COLOUR = { allow: 'green', stranger: 'red', unlisted: 'yellow' } as const;

/** A caller's text takes no more room than this; --json has all of it. */
const LONGEST = 40;

function cellsOf(call: JournalledCall): string[] {
  const { outcome, enforced, name, number, sipuri } = call;
  const passed = outcome !== 'allow' && !enforced ? ' (passed)' : '';
  const claimed = name || number ? `${name} <${number}>`.trim() : sipuri;
  return [
    localTime(call.at),
    short(call.source),
    call.country,
    paint(COLOUR[outcome], outcome) + passed,
    call.reason,
    `${call.ruleList} ${call.rule}`.trim(),
    short(call.domain ? `${call.extension}@${call.domain}` : call.extension),
    short(claimed),
  ];
}

function short(text: string): string {
  const safe = [...shown(text)];
  return safe.length > LONGEST ? `${safe.slice(0, LONGEST - 1).join('')}…` : safe.join('');
}

function fixedLine(cells: readonly string[]): string {
  return table(
    cells.map((_, i) => ' '.repeat(WIDTHS[i]!)),
    [cells],
  )
    .split('\n')
    .at(-1)!;
}
