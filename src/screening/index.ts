export type { Call, Entry, Source } from './call.ts';
export { decide, type Facts } from './decide.ts';
export { type CallRate, createCallRate } from './rate.ts';
export type { AllowReason, Reason, StrangerReason, Verdict } from './verdict.ts';
