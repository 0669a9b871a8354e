import { type Address, countedSource, formatAddress } from '../address/index.ts';
import type { Database } from '../database/index.ts';
import type { NewBlock } from './blocks.ts';

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

/** Journals what would have been blocked, were the mode not `monitor`. */
export function noticeBlock(database: Database, block: NewBlock, now: number): void {
  journal(database, factsOf('noticed', block, now));
}

/** How often the source was blocked since then. */
export function countBlocks(database: Database, source: Address, since: number): number {
  return database
    .prepare("SELECT count(*) FROM block_event WHERE counted = ? AND at >= ? AND event = 'blocked'")
    .pluck()
    .get(countedSource(source), since) as number;
}

/** When a block of the source was last lifted, milliseconds since 1970; 0: never. */
export function lastLift(database: Database, source: Address): number {
  const newest = database.prepare(
    "SELECT coalesce(max(at), 0) FROM block_event WHERE counted = ? AND event = 'lifted'",
  );
  return newest.pluck().get(countedSource(source)) as number;
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

/** No text of a stranger takes more room than this many UTF-16 units. */
const LONGEST = 256;

/** What the journal, and a mail, tell of a block. */
export function factsOf(event: BlockEvent['event'], block: NewBlock, at: number): BlockFacts {
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

/** @returns the row's id */
export function journal(database: Database, facts: BlockFacts): number {
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
export function oweMail(database: Database, event: number, facts: BlockFacts): void {
  database
    .prepare(
      `INSERT INTO alert (kind, call_id, created_at, counted, facts, due_at)
       VALUES ('block', ?, ?, ?, ?, ?)`,
    )
    .run(event, facts.at, facts.counted, JSON.stringify(facts), facts.at);
}
