export { blankCall, type Call, type Entry, type Source } from './call.ts';
export { decide, type Facts, judgeAddress } from './decide.ts';
export { type CallRate, createCallRate } from './rate.ts';
export type { AllowReason, Reason, StrangerReason, Verdict } from './verdict.ts';
