import type { Reason } from '../screening/index.ts';

/** The reason codes of verdicts, in the order of the decision. */
export const REASONS: readonly Reason[] = [
  ...(['no-address', 'bad-address', 'trusted', 'denied', 'scanner', 'rate'] as const),
  ...(['not-permitted', 'country-unknown', 'wrong-domain', 'unlisted', 'permitted'] as const),
];
