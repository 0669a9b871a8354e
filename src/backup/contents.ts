import type { Database } from '../database/index.ts';

/** What a database holds, counted. */
export interface Contents {
  readonly mode: string;
  readonly trust: number;
  readonly deny: number;
  readonly permit: number;
  readonly extensions: number;
  readonly domains: number;
  readonly scanners: number;
  readonly blocks: number;
  readonly calls: number;
}

export function contentsOf(database: Database): Contents {
  return database
    .prepare(
      `SELECT (SELECT value FROM setting WHERE name = 'mode') AS mode,
         (SELECT count(*) FROM trust) AS trust,
         (SELECT count(*) FROM deny) AS deny,
         (SELECT count(*) FROM permit) AS permit,
         (SELECT count(*) FROM extension) AS extensions,
         (SELECT count(*) FROM domain) AS domains,
         (SELECT count(*) FROM scanner) AS scanners,
         (SELECT count(*) FROM block) AS blocks,
         (SELECT count(*) FROM call) AS calls`,
    )
    .get() as Contents;
}
