import { type Fault, fault } from '../errors.ts';
import type { Origin, Policy } from './policy.ts';
import type { Rule } from './types.ts';

/**
 * Whether a change would shut everyone out, or the administrator: looked for after the change and
 * before it is kept.
 * @param rules all rules after the change
 * @param administrator where the administrator's SSH session comes from, where that is known
 * @returns the reason to refuse it, made for people, or undefined
 */
export function lockout(
  before: Policy,
  after: Policy,
  rules: readonly Rule[],
  administrator: Origin | undefined,
  now: number,
): Fault | undefined {
  const permits = rules.some(
    (rule) => rule.list === 'permit' && (rule.expiresAt === undefined || rule.expiresAt > now),
  );
  if (!permits && after.mode === 'enforce') return fault('lockout-empty');
  if (!administrator) return undefined;
  const shut = (policy: Policy) =>
    policy.match('trust', administrator, now)
      ? undefined
      : policy.match('deny', administrator, now);
  const denied = shut(after);
  return denied && !shut(before) ? fault('lockout-ssh', denied.text) : undefined;
}
