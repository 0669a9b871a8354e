import type { Place } from '../asterisk/index.ts';
import type { Pbx } from './pbx.ts';

/** How much it matters: `high` is money or the whole PBX, `low` is a good habit that is missing. */
export type Severity = 'high' | 'medium' | 'low';

/**
 * One question to a PBX's configuration. Checks only read; what they find out about is in {@link Pbx}.
 */
export interface Check {
  /** `SIP-110`: never given to another check, as administrators keep lists of those to skip. */
  readonly id: string;
  readonly severity: Severity;
  /** What is wrong where it finds something, in a few words: `Extensions with weak secrets`. */
  readonly title: string;
  /** Why it matters: what an attacker does with it. One or two sentences. */
  readonly why: string;
  /** How to mend it, in plain Asterisk and in FreePBX where they differ. */
  readonly mend: string;
  run(pbx: Pbx): Result | Promise<Result>;
}

/** Nothing found is an empty list; what can't be known is said, never taken for well. */
export type Result = readonly Finding[] | Unknown;

/** One thing that is wrong. Neither text ever holds a secret. */
export interface Finding {
  /** Where it stands: `sip.conf:12 [1001]`, `[globals] TRUNK`, `UDP port 5060`. */
  readonly where: string;
  /** What was found there: `the secret has 4 characters`. */
  readonly found: string;
  /** Where this one weighs otherwise than its check. */
  readonly severity?: Severity;
}

export interface Unknown {
  /** Why it can't be known: `Asterisk is not running`. */
  readonly unknown: string;
}

export function unknown(why: string): Unknown {
  return { unknown: why };
}

/** `sip.conf:12 [1001]`. */
export function placed({ file, line }: Place, section?: string): string {
  return `${file}:${line}${section === undefined ? '' : ` [${section}]`}`;
}
