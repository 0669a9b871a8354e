import type { Check } from './check.ts';

/** Every check, in the order of their ids. */
export const CHECKS: readonly Check[] = [].flat();
