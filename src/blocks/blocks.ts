import { type Address, countedSource, formatAddress } from '../address/index.ts';
import type { Database } from '../database/index.ts';
import { factsOf, journal, oweMail } from './events.ts';

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

/** How many blocks stand at `now`. */
export function standingBlocks(database: Database, now: number): number {
  const count = 'SELECT count(*) FROM block WHERE expires_at IS NULL OR expires_at > ?';
  return database.prepare(count).pluck().get(now) as number;
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

/** Moves whenever a block is made or lifted, by whatever hand. */
export function blocksRevision(database: Database): number {
  return Number(database.prepare("SELECT value FROM setting WHERE name = 'blocks'").pluck().get());
}
