import type { Database } from '../database/index.ts';

/** What carrying out and taking back work with. */
export interface Hands {
  /** Where the system begins: `/`. */
  readonly root: string;
  /** Changes the policy, all of it or nothing. @throws Fault where it would shut everyone out */
  change(databasePath: string, work: (database: Database, now: number) => void): Promise<void>;
}
