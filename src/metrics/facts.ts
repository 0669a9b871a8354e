import { alertsWaiting } from '../alerts/waiting.ts';
import { standingBlocks } from '../blocks/index.ts';
import type { CountryData } from '../country/index.ts';
import type { Database } from '../database/index.ts';
import type { Journal } from '../journal/index.ts';
import { countRules, type List, type LivePolicy } from '../policy/index.ts';
import type { Counts } from './counts.ts';

/** Where the figures come from. */
export interface Sources {
  readonly counts: Counts;
  readonly policy: LivePolicy;
  readonly country: CountryData;
  readonly journal: Pick<Journal, 'status'>;
  /** A connection that calls do not wait for. */
  readonly database: Database;
  /** FastAGI connections that are open. */
  connections(): Promise<number>;
}

/** What only the database knows. */
export interface DatabaseFacts {
  readonly rules: Readonly<Record<List, number>>;
  readonly blocks: number;
  readonly alertsWaiting: number;
}

/** The figures of one moment. */
export interface Facts extends Pick<Sources, 'counts' | 'policy' | 'country'> {
  readonly connections: number;
  readonly journal: ReturnType<Journal['status']>;
  /** Undefined where the database can't be read. */
  readonly database: DatabaseFacts | undefined;
}

export async function gather(sources: Sources): Promise<Facts> {
  const { counts, policy, country, journal } = sources;
  return {
    ...{ counts, policy, country },
    connections: await sources.connections(),
    journal: journal.status(),
    database: readDatabase(sources.database),
  };
}

function readDatabase(database: Database): DatabaseFacts | undefined {
  try {
    return {
      rules: countRules(database),
      blocks: standingBlocks(database, Date.now()),
      alertsWaiting: alertsWaiting(database),
    };
  } catch {
    return undefined; // a figure of its own tells
  }
}
