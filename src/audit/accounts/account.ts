import type { Section, Setting } from '../../asterisk/index.ts';
import type { Family } from '../bind.ts';
import { placed } from '../check.ts';
import { weaknessOf } from '../secret.ts';

export type Technology = 'SIP' | 'PJSIP' | 'IAX2';

/** A phone or trunk of this PBX, whichever channel driver it belongs to. No secret is in it. */
export interface Account {
  readonly technology: Technology;
  readonly name: string;
  /** `sip.conf:12 [1001]`. */
  readonly where: string;
  readonly role: 'phone' | 'trunk';
  /** Where calls as it begin. */
  readonly context: string;
  /** Whether it registers with us, from wherever it is. */
  readonly registers: boolean;
  /** Whether a caller is taken for it who says its name, wherever the call comes from. */
  readonly named: boolean;
  /** Whether it has a secret, which a registration must bring then. */
  readonly hasSecret: boolean;
  /** Whether a call as it must bring that secret, too. */
  readonly asksCalls: boolean;
  /** Secrets that let somebody in; those that this PBX only shows to others are not among them. */
  readonly secrets: readonly Secret[];
  /**
   * The families of addresses from which anybody may be it: none where permit, deny or acl limit it,
   * or where nobody reaches the driver.
   */
  readonly open: readonly Family[];
  /** Its settings, what counts for it by default among them. */
  readonly section: Section;
}

/** What is known of a secret, but for the secret. */
export interface Secret {
  readonly where: string;
  /** `has 4 characters`; undefined where it is sound, or a hash of which nothing can be said. */
  readonly weakness: string | undefined;
}

/** @param names the account's own: what is guessed first */
export function secretOf(setting: Setting, section: string, names: readonly string[]): Secret {
  return { where: placed(setting, section), weakness: weaknessOf(setting.value, names) };
}

/** Contexts of calls from outside, as FreePBX and most dialplans name them. */
const OUTSIDE = /trunk|pstn|provider|external|incoming|inbound|outside|(?:^|[-_])did(?:[-_]|$)/i;
const INSIDE = /internal|inside|phone|extension|(?:^|[-_])(?:local|users?)(?:[-_]|$)/i;

/**
 * What an account is for. Its context tells best; else who comes from an address of their own is a
 * trunk, and who registers is a phone.
 */
export function roleOf(context: string, fixed: boolean): Account['role'] {
  if (OUTSIDE.test(context)) return 'trunk';
  return fixed && !INSIDE.test(context) ? 'trunk' : 'phone';
}
