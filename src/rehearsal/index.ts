export { type Rehearsal, rehearse } from './rehearse.ts';
export { type Bench, type Judgeable, rejudge } from './rejudge.ts';
export { remedyFor } from './remedy.ts';
export type { LikelySource, Sign } from './source.ts';
export type { Count } from './tally.ts';
