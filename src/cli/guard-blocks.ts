import type { Command } from 'commander';
import { type Block, type BlockEvent, listBlockEvents, listBlocks } from '../blocks/index.ts';
import { parseSince } from './duration.ts';
import { type Session, withSession } from './session.ts';
import { localTime, paint, shown, table } from './terminal.ts';

/** `guard blocks`, `guard block` and `guard unblock`. */
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
  registerChanges(guard);
}

/** `guard block` and `guard unblock`; what does it is loaded when it is asked for. */
function registerChanges(guard: Command): void {
  guard
    .command('block')
    .description('shut a source out: an IPv4 address, or the /64 of an IPv6 one')
    .argument('<address>', 'IPv4 or IPv6')
    .option('--for <duration>', 'only for so long: 30m, 8h, 7d; without, until it is lifted')
    .option('--note <text>', 'why; shown in lists')
    .option('--origin <name>', 'who asks for it: fail2ban')
    .addHelpText(
      'after',
      '\nExample:\n  ipcountry guard block 203.0.113.7 --for 24h --note "scanner"',
    )
    .action((text: string, _options: object, command: Command) =>
      withSession(command, async (session) => {
        const { block } = await import('./guard-block.ts');
        return block(session, text, command.optsWithGlobals());
      }),
    );
  guard
    .command('unblock')
    .description('let a source in again')
    .argument('<address>', 'IPv4 or IPv6, or a /64 as `guard blocks` shows it')
    .option('--origin <name>', 'only where the block is from there: fail2ban')
    .addHelpText('after', '\nExample:\n  ipcountry guard unblock 203.0.113.7')
    .action((text: string, _options: object, command: Command) =>
      withSession(command, async (session) => {
        const { unblock } = await import('./guard-block.ts');
        return unblock(session, text, command.optsWithGlobals());
      }),
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
