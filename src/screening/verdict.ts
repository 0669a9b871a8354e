import type { Route, Rule } from '../policy/types.ts';

export type StrangerReason =
  | 'no-address'
  | 'bad-address'
  | 'denied'
  | 'scanner'
  | 'rate'
  | 'not-permitted'
  | 'country-unknown'
  | 'wrong-domain';

export type AllowReason = 'permitted' | 'trusted' | 'no-address';

/** What was decided, with one reason code and the rule behind it. */
export type Verdict =
  | {
      readonly outcome: 'allow';
      readonly reason: AllowReason;
      readonly rule?: Rule;
      /** Where an external call leads; blacklist checks carry none. */
      readonly route?: Route;
    }
  | { readonly outcome: 'stranger'; readonly reason: StrangerReason; readonly rule?: Rule }
  /** Not a stranger: hears that the extension can't be reached. */
  | { readonly outcome: 'unlisted'; readonly reason: 'unlisted'; readonly rule?: Rule };

export type Reason = Verdict['reason'];
