import type { Command } from 'commander';
import {
  type Address,
  bitsOf,
  countedSource,
  formatAddress,
  formatRange,
  parseRange,
  prefixOf,
} from '../address/index.ts';
import {
  addBlock,
  type Block,
  type BlockEvent,
  findBlock,
  liftBlock,
  listBlockEvents,
  listBlocks,
} from '../blocks/index.ts';
import { Fault, fault } from '../errors.ts';
import { openFirewall } from '../firewall/index.ts';
import { administrators } from '../guard/administrators.ts';
import { createJudge } from '../guard/judge.ts';
import { loadPolicy } from '../policy/index.ts';
import { parseDuration, parseSince } from './duration.ts';
import { origin, type Session, withSession } from './session.ts';
import { sshAddress } from './ssh.ts';
import { localTime, paint, shown, table } from './terminal.ts';

interface BlockOptions {
  readonly for?: string;
  readonly note?: string;
  readonly origin?: string;
  readonly dryRun?: boolean;
}

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
      withSession(command, (session) => block(session, text, command.optsWithGlobals())),
    );
  guard
    .command('unblock')
    .description('let a source in again')
    .argument('<address>', 'IPv4 or IPv6, or a /64 as `guard blocks` shows it')
    .option('--origin <name>', 'only where the block is from there: fail2ban')
    .addHelpText('after', '\nExample:\n  ipcountry guard unblock 203.0.113.7')
    .action((text: string, _options: object, command: Command) =>
      withSession(command, (session) => unblock(session, text, command.optsWithGlobals())),
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

async function block(session: Session, text: string, options: BlockOptions): Promise<void> {
  const source = readSource(text);
  const spared = whySpared(session, source);
  if (spared) throw fault('block-spared', formatAddress(source), spared);
  const now = Date.now();
  const milliseconds = options.for === undefined ? undefined : parseDuration(options.for);
  const database = session.database();
  const wanted = {
    source,
    reason: options.origin === 'fail2ban' ? ('fail2ban' as const) : ('manual' as const),
    evidence: options.note ?? '',
    country: session.country().country(source),
    origin: options.origin ?? origin(),
    seconds: milliseconds === undefined ? undefined : milliseconds / 1_000,
  };
  // Whoever asks for a block knows of it: no mail.
  const changed = options.dryRun ? false : addBlock(database, wanted, { now, mail: false });
  const note = options.dryRun ? undefined : await follow(session);
  const standing = findBlock(database, source, now);
  const until = milliseconds === undefined ? '' : ` until ${localTime(now + milliseconds)}`;
  session.print({ block: standing ?? null, changed, dryRun: options.dryRun ?? false }, () => {
    const name = paint('bold', countedSource(source));
    if (options.dryRun) return `${name} would be blocked${until}`;
    if (changed) return `${name} blocked${until}`;
    return `${name} is blocked already, for as long or longer`;
  });
  if (note) session.remark(note);
}

async function unblock(session: Session, text: string, options: BlockOptions): Promise<void> {
  const source = readSource(text);
  const now = Date.now();
  const database = session.database();
  const standing = findBlock(database, source, now);
  if (!standing && options.origin === undefined) {
    throw fault('block-absent', countedSource(source));
  }
  if (!standing) {
    // fail2ban's time is up for a block that somebody has lifted before: nothing is wrong.
    session.print({ block: null, lifted: false }, () => `${countedSource(source)} is not blocked`);
    return;
  }
  const others = options.origin !== undefined && standing.origin !== options.origin;
  const lift = !others && !options.dryRun;
  if (lift) liftBlock(database, source, options.origin ?? origin(), now);
  const note = lift ? await follow(session) : undefined;
  session.print({ block: standing, lifted: lift, dryRun: options.dryRun ?? false }, () => {
    const name = paint('bold', standing.counted);
    if (others) return `${name} stays blocked: the block is from ${shown(standing.origin)}`;
    return `${name} ${lift ? 'is no longer' : 'would no longer be'} blocked`;
  });
  if (note) session.remark(note);
  if (lift && isStranger(session, source)) {
    session.remark(
      `note: by the rules ${standing.source} is still a stranger, and blocked again when seen; 'ipcountry permit ${standing.source}' lets it in`,
    );
  }
}

/** An address, or the /64 that stands for it in lists. */
function readSource(text: string): Address {
  const range = parseRange(text.trim());
  const bits = range && prefixOf(range);
  if (
    range &&
    (bits === bitsOf(range.first.family) || formatRange(range) === countedSource(range.first))
  ) {
    return range.first;
  }
  throw fault('address-invalid', text);
}

function judgeOf(session: Session) {
  const policy = loadPolicy(session.database());
  const administrator = sshAddress();
  return createJudge({
    policy: { current: () => policy },
    country: session.country(),
    trunks: () => [],
    administrators: () => [...(administrator ? [administrator] : []), ...administrators()],
  });
}

function whySpared(session: Session, source: Address): string | undefined {
  return judgeOf(session).spared(source);
}

function isStranger(session: Session, source: Address): boolean {
  return judgeOf(session).verdict(source).verdict.outcome === 'stranger';
}

/** Has the firewall follow at once, where that is possible from here. @returns what to say */
async function follow(session: Session): Promise<string | undefined> {
  const { config, log } = session;
  const parts = { database: session.database(), country: session.country(), config, log };
  try {
    const firewall = openFirewall(parts);
    if (firewall.level() === 'off') return 'note: the firewall is off, so nothing is dropped';
    if (!(await firewall.present())) {
      return "note: the firewall is not up yet: 'ipcountry guard' puts it up, or 'ipcountry firewall load'";
    }
    await firewall.syncBlocks();
    return undefined;
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    return `note: the firewall could not be changed from here (${cause.message}); a running guard does it within a second`;
  }
}
