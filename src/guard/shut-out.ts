import { type Address, countedSource, formatAddress, parseAddress } from '../address/index.ts';
import {
  addBlock,
  type Block,
  type BlockReason,
  countBlocks,
  findBlock,
  liftBlock,
  listBlocks,
  noticeBlock,
} from '../blocks/index.ts';
import type { Config } from '../config.ts';
import type { Database } from '../database/index.ts';
import type { Log } from '../log.ts';
import { blockSeconds, REPEAT_DAYS } from './block-length.ts';
import type { Judge, Spared } from './judge.ts';

/** Why a source is to be shut out. The texts can be a stranger's own. */
export interface Cause {
  readonly reason: BlockReason;
  readonly evidence: string;
  readonly endpoint: string;
}

/** What came of a source that is a stranger, or failed too often. */
export interface Found extends Cause {
  readonly source: string;
  readonly country: string | undefined;
  readonly outcome: 'blocked' | 'blocked before' | 'would be blocked' | 'spared';
  /** Why it is spared, where it is. */
  readonly spared: Spared | undefined;
}

export interface ShutOutParts {
  readonly config: Config;
  readonly database: Database;
  readonly judge: Judge;
  readonly log: Log;
  /** Only says what it would do. */
  readonly dryRun: boolean;
  /** Told of each source that should be shut out. */
  readonly found?: ((found: Found) => void) | undefined;
}

export interface ShutOut {
  /**
   * Blocks a source, where it may be blocked and the mode says so: block, journal and mail. The
   * firewall follows what the database has.
   * @returns whether it is shut out now, be it since long
   */
  block(source: Address, cause: Cause): boolean;
  /** Whether the source is shut out, and not one of those who never are. */
  isShutOut(source: Address): boolean;
  /** Lifts the blocks that the policy has overtaken: who has become permitted, or trusted. */
  reconsider(): void;
}

const DAY = 86_400_000;
/** Milliseconds in which what is not acted on is told once for each source. */
const REPEAT = 3_600_000;
const MOST_TOLD = 10_000;

export function createShutOut(parts: ShutOutParts): ShutOut {
  const { config, database, judge, log, dryRun } = parts;
  const { block_hours: hours, block_days_most: most } = config.guard;
  const mail = config.mail.to.length > 0;
  const told = new Map<string, number>();

  function block(source: Address, cause: Cause): boolean {
    const now = Date.now();
    const { country } = judge.verdict(source);
    const tell = (outcome: Found['outcome'], spared?: Spared) =>
      parts.found?.({ ...cause, source: formatAddress(source), country, outcome, spared });

    const spared = judge.spared(source);
    if (spared) {
      tell('spared', spared);
      if (firstTime(source, now)) log.warn(fieldsOf(source, cause, { spared }), 'guard: spared');
      return false;
    }
    if (findBlock(database, source, now)) {
      tell('blocked before');
      return true;
    }
    const earlier = countBlocks(database, source, now - REPEAT_DAYS * DAY);
    const seconds = blockSeconds(hours, most, earlier);
    const wanted = { source, ...cause, country, origin: 'guard', seconds };
    if (dryRun || judge.policy().mode === 'monitor') {
      tell('would be blocked');
      if (!firstTime(source, now)) return false;
      if (!dryRun) noticeBlock(database, wanted, now);
      log.warn(fieldsOf(source, cause, { seconds, country }), 'guard: would be blocked');
      return false;
    }
    addBlock(database, wanted, { now, mail });
    tell('blocked');
    const standing = findBlock(database, source, now);
    if (standing) logBlock(log, standing);
    return standing !== undefined;
  }

  function firstTime(source: Address, now: number): boolean {
    const counted = countedSource(source);
    const before = told.get(counted);
    if (before !== undefined && now - before < REPEAT) return false;
    if (told.size >= MOST_TOLD) told.clear();
    told.set(counted, now);
    return true;
  }

  return {
    block,
    isShutOut: (source) =>
      findBlock(database, source, Date.now()) !== undefined && !judge.spared(source),
    reconsider() {
      const now = Date.now();
      for (const { source, counted, reason } of listBlocks(database, now)) {
        const address = parseAddress(source);
        if (!address || !isOvertaken(judge, address, reason)) continue;
        if (dryRun) continue;
        liftBlock(database, address, 'guard', now);
        log.info(
          { source, counted, reason },
          'guard: block lifted, as the rules let the source in',
        );
      }
    },
  };
}

/** A stranger who has become welcome; whoever is trusted is never blocked. */
function isOvertaken(judge: Judge, address: Address, reason: BlockReason): boolean {
  const { outcome, reason: now } = judge.verdict(address).verdict;
  if (outcome !== 'allow') return false;
  return now === 'trusted' || ['denied', 'not-permitted', 'country-unknown'].includes(reason);
}

/** The line that fail2ban's filter reads: these fields, in this order. */
export function logBlock(log: Log, block: Block): void {
  const { source, counted, reason, origin, createdAt, expiresAt, country } = block;
  const seconds = expiresAt === undefined ? null : Math.round((expiresAt - createdAt) / 1_000);
  const { endpoint, evidence } = block;
  log.warn(
    { source, counted, reason, origin, seconds, country, endpoint, evidence },
    'guard: blocked',
  );
}

function fieldsOf(source: Address, cause: Cause, more: object): object {
  return { source: formatAddress(source), counted: countedSource(source), ...cause, ...more };
}
