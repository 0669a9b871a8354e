import { type Address, countedSource, formatAddress } from '../address/index.ts';
import type { Database } from '../database/index.ts';

/** Why a source was shut out. The first three are the policy's own words. */
export type BlockReason =
  | 'denied'
  | 'not-permitted'
  | 'country-unknown'
  | 'strikes' // too many failed log-ins and refused calls
  | 'fail2ban'
  | 'manual';

/** A source that is shut out. Times are milliseconds since 1970, UTC. */
export interface Block {
  /** An IPv4 address or an IPv6 /64, as countedSource() gives it. */
  readonly counted: string;
  /** The address of it that was seen. */
  readonly source: string;
  readonly reason: BlockReason;
  /** What was seen, for people; can quote a stranger. */
  readonly evidence: string;
  /** The endpoint or account that was used or tried; the stranger's own text. */
  readonly endpoint: string;
  /** Two capital letters, or empty. */
  readonly country: string;
  /** Who made it: `guard`, `fail2ban`, `cli:USER`. */
  readonly origin: string;
  readonly createdAt: number;
  /** undefined: until it is lifted. */
  readonly expiresAt: number | undefined;
}

export interface NewBlock {
  readonly source: Address;
  readonly reason: BlockReason;
  readonly evidence?: string;
  readonly endpoint?: string;
  readonly country?: string | undefined;
  readonly origin: string;
  /** undefined: until it is lifted. */
  readonly seconds: number | undefined;
}

/** One row of the journal of blocks. */
export interface BlockEvent {
  readonly id: number;
  readonly at: number;
  readonly event: 'blocked' | 'noticed' | 'lifted';
  readonly counted: string;
  readonly source: string;
  readonly reason: string;
  readonly evidence: string;
  readonly endpoint: string;
  readonly country: string;
  readonly origin: string;
  readonly seconds: number | null;
}

/** What a mail tells of a block: kept as JSON in the outbox. */
export type BlockFacts = Omit<BlockEvent, 'id'>;

const COLUMNS = `counted, source, reason, evidence, endpoint, country, origin,
  created_at AS createdAt, expires_at AS expiresAt`;

/** The blocks that stand at `now`, the newest first. */
export function listBlocks(database: Database, now: number): Block[] {
  const rows = database
    .prepare(
      `SELECT ${COLUMNS} FROM block WHERE expires_at IS NULL OR expires_at > ?
       ORDER BY created_at DESC, counted`,
    )
    .all(now);
  return rows.map(blockOf);
}

/** @returns the block that covers the source at `now`, if any */
export function findBlock(database: Database, source: Address, now: number): Block | undefined {
  const row = database
    .prepare(
      `SELECT ${COLUMNS} FROM block WHERE counted = ? AND (expires_at IS NULL OR expires_at > ?)`,
    )
    .get(countedSource(source), now);
  return row === undefined ? undefined : blockOf(row);
}

function blockOf(row: unknown): Block {
  const { expiresAt, ...rest } = row as Omit<Block, 'expiresAt'> & { expiresAt: number | null };
  return { ...rest, expiresAt: expiresAt ?? undefined };
}

/**
 * Shuts a source out, unless a block that lasts as long stands already: block, journal and, where
 * `mail` says so, the alert it owes are one transaction.
 * @returns whether anything changed
 */
export function addBlock(
  database: Database,
  block: NewBlock,
  options: { readonly now: number; readonly mail: boolean },
): boolean {
  const { now } = options;
  const expiresAt = block.seconds === undefined ? null : now + block.seconds * 1_000;
  return database
    .transaction(() => {
      const standing = findBlock(database, block.source, now);
      const lasts = standing && (standing.expiresAt ?? Number.POSITIVE_INFINITY);
      if (lasts !== undefined && lasts >= (expiresAt ?? Number.POSITIVE_INFINITY)) return false;
      const facts = factsOf('blocked', block, now);
      database
        .prepare(
          `INSERT INTO block (counted, source, reason, evidence, endpoint, country, origin, created_at, expires_at)
           VALUES (@counted, @source, @reason, @evidence, @endpoint, @country, @origin, @at, @expiresAt)
           ON CONFLICT (counted) DO UPDATE SET source = excluded.source, reason = excluded.reason,
             evidence = excluded.evidence, endpoint = excluded.endpoint,
             country = excluded.country, origin = excluded.origin,
             created_at = excluded.created_at, expires_at = excluded.expires_at`,
        )
        .run({ ...facts, expiresAt });
      const id = journal(database, facts);
      if (options.mail) oweMail(database, id, facts);
      return true;
    })
    .immediate();
}

/** Journals what would have been blocked, were the mode not `monitor`. */
export function noticeBlock(database: Database, block: NewBlock, now: number): void {
  journal(database, factsOf('noticed', block, now));
}

/** @returns the block that was lifted, or undefined where none stood */
export function liftBlock(
  database: Database,
  source: Address,
  origin: string,
  now: number,
): Block | undefined {
  return database
    .transaction(() => {
      const standing = findBlock(database, source, now);
      if (!standing) return undefined;
      database.prepare('DELETE FROM block WHERE counted = ?').run(standing.counted);
      const { counted, reason, evidence, endpoint, country } = standing;
      const facts = { at: now, event: 'lifted', counted, source: formatAddress(source) } as const;
      journal(database, { ...facts, reason, evidence, endpoint, country, origin, seconds: null });
      return standing;
    })
    .immediate();
}

/** Deletes what has run out. @returns how many */
export function deleteExpiredBlocks(database: Database, now: number): number {
  return database.prepare('DELETE FROM block WHERE expires_at <= ?').run(now).changes;
}

/** How often the source was blocked since then. */
export function countBlocks(database: Database, source: Address, since: number): number {
  return database
    .prepare("SELECT count(*) FROM block_event WHERE counted = ? AND at >= ? AND event = 'blocked'")
    .pluck()
    .get(countedSource(source), since) as number;
}

/** The journal of blocks, the newest first. */
export function listBlockEvents(database: Database, since: number, limit: number): BlockEvent[] {
  return database
    .prepare('SELECT * FROM block_event WHERE at >= ? ORDER BY id DESC LIMIT ?')
    .all(since, limit) as BlockEvent[];
}

/** Deletes journal rows from before `before`. @returns how many */
export function pruneBlockEvents(database: Database, before: number): number {
  return database.prepare('DELETE FROM block_event WHERE at < ?').run(before).changes;
}

/** Moves whenever a block is made or lifted, by whatever hand. */
export function blocksRevision(database: Database): number {
  return Number(database.prepare("SELECT value FROM setting WHERE name = 'blocks'").pluck().get());
}

/** No text of a stranger takes more room than this many UTF-16 units. */
const LONGEST = 256;

function factsOf(event: BlockEvent['event'], block: NewBlock, at: number): BlockFacts {
  return {
    at,
    event,
    counted: countedSource(block.source),
    source: formatAddress(block.source),
    reason: block.reason,
    evidence: (block.evidence ?? '').slice(0, LONGEST),
    endpoint: (block.endpoint ?? '').slice(0, LONGEST),
    country: block.country ?? '',
    origin: block.origin,
    seconds: block.seconds ?? null,
  };
}

function journal(database: Database, facts: BlockFacts): number {
  const { lastInsertRowid } = database
    .prepare(
      `INSERT INTO block_event
         (at, event, counted, source, reason, evidence, endpoint, country, origin, seconds)
       VALUES (@at, @event, @counted, @source, @reason, @evidence, @endpoint, @country, @origin, @seconds)`,
    )
    .run(facts);
  return Number(lastInsertRowid);
}

/** Due at once: whoever is blocked had a password, or was trying to get one. */
function oweMail(database: Database, event: number, facts: BlockFacts): void {
  database
    .prepare(
      `INSERT INTO alert (kind, call_id, created_at, counted, facts, due_at)
       VALUES ('block', ?, ?, ?, ?, ?)`,
    )
    .run(event, facts.at, facts.counted, JSON.stringify(facts), facts.at);
}
