import {
  type Address,
  bitsOf,
  countedSource,
  formatAddress,
  formatRange,
  parseRange,
  prefixOf,
} from '../address/index.ts';
import { addBlock, findBlock, liftBlock } from '../blocks/index.ts';
import { Fault, fault } from '../errors.ts';
import { openFirewall } from '../firewall/index.ts';
import { administrators } from '../guard/administrators.ts';
import { createJudge } from '../guard/judge.ts';
import { loadPolicy } from '../policy/index.ts';
import { parseDuration } from './duration.ts';
import { origin, type Session } from './session.ts';
import { sshAddress } from './ssh.ts';
import { localTime, paint, shown } from './terminal.ts';

export interface BlockOptions {
  readonly for?: string;
  readonly note?: string;
  readonly origin?: string;
  readonly dryRun?: boolean;
}

/** Shuts a source out. @throws Fault where it never is */
export async function block(session: Session, text: string, options: BlockOptions): Promise<void> {
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

/** Lets a source in again. @throws Fault where it is not blocked */
export async function unblock(
  session: Session,
  text: string,
  options: BlockOptions,
): Promise<void> {
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
