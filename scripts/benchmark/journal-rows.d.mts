import type { Database } from '../../src/database/index.ts';

/** Days that the calls are spread over, the last one now. */
export const DAYS: number;

/** @param now milliseconds since 1970, UTC */
export function fillJournal(database: Database, rows: number, now: number): void;
