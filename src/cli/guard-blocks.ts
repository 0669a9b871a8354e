import type { Command } from 'commander';
import { type Block, type BlockEvent, listBlockEvents, listBlocks } from '../blocks/index.ts';
import { parseSince } from './duration.ts';
import { type Session, withSession } from './session.ts';
import { localTime, paint, shown, table } from './terminal.ts';

/** `guard blocks`: who is shut out, and who was. */
export function registerGuardBlocks(guard: Command): void {
  guard
    .command('blocks')
    .description('show who is shut out now')
    .option('--history', 'all that was blocked and lifted, the newest first')
    .option('--since <when>', 'of the history, only since then: 1d, 2026-11-21', '30d')
    .addHelpText(
      'after',
      '\nExamples:\n  ipcountry guard blocks\n  ipcountry guard blocks --history',
    )
    .action((options: { history?: boolean; since: string }, command: Command) =>
      withSession(command, (session) =>
        options.history ? history(session, options.since) : blocks(session),
      ),
    );
}

function blocks(session: Session): void {
  const standing = listBlocks(session.database(), Date.now());
  const rows = standing.map(({ createdAt, expiresAt, ...row }) => ({
    ...row,
    since: new Date(createdAt).toISOString(),
    until: expiresAt === undefined ? null : new Date(expiresAt).toISOString(),
  }));
  session.print(rows, () => (standing.length === 0 ? 'nobody is blocked' : blockTable(standing)));
}

function blockTable(standing: readonly Block[]): string {
  return table(
    ['SOURCE', 'COUNTRY', 'UNTIL', 'REASON', 'ENDPOINT', 'BY', 'SEEN'],
    standing.map(({ counted, country, expiresAt, reason, endpoint, origin, evidence }) => [
      counted,
      country,
      expiresAt === undefined ? 'lifted' : localTime(expiresAt),
      reason,
      shown(endpoint),
      shown(origin),
      shown(evidence),
    ]),
  );
}

const MOST_HISTORY = 10_000;

const EVENT_COLOURS = { blocked: 'red', noticed: 'yellow', lifted: 'green' } as const;

function history(session: Session, since: string): void {
  const now = Date.now();
  const events = listBlockEvents(session.database(), parseSince(since, now), MOST_HISTORY);
  const rows = events.map(({ at, ...row }) => ({ ...row, at: new Date(at).toISOString() }));
  session.print(rows, () => table(HISTORY_HEADER, events.map(historyRow)));
}

const HISTORY_HEADER = ['WHEN', '', 'SOURCE', 'COUNTRY', 'REASON', 'ENDPOINT', 'BY', 'SEEN'];

function historyRow(event: BlockEvent): string[] {
  const { at, source, country, reason, endpoint, origin, evidence } = event;
  const what = paint(EVENT_COLOURS[event.event], event.event);
  return [
    ...[localTime(at), what, source, country, reason],
    ...[shown(endpoint), shown(origin), shown(evidence)],
  ];
}
