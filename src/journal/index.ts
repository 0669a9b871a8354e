export {
  type CallFilter,
  callCounts,
  followCalls,
  type JournalledCall,
  queryCalls,
  recentCalls,
} from './calls.ts';
export type { AlertFacts, JournalEntry } from './entry.ts';
export { createJournal, type Journal, type JournalOptions, type Recorded } from './journal.ts';
export { pruneJournal, type Retention } from './retention.ts';
export { unenforcedSince } from './unenforced.ts';
