import { prefixOf } from '../address/index.ts';
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
  const live = rules.filter((rule) => rule.expiresAt === undefined || rule.expiresAt > now);
  const enforced = after.mode === 'enforce';
  if (enforced && !live.some((rule) => rule.list === 'permit')) return fault('lockout-empty');
  const shutOut = administrator && shutOutBy(before, after, administrator, now);
  if (shutOut) return fault('lockout-ssh', shutOut.text);
  const everyone = live.find((rule) => deniesIpv4(rule) && !stoodIn(before, rule, now));
  return enforced && everyone ? fault('lockout-everyone', everyone.text) : undefined;
}

/** The deny that the change newly puts the administrator under. */
function shutOutBy(
  before: Policy,
  after: Policy,
  administrator: Origin,
  now: number,
): Rule | undefined {
  const shut = (policy: Policy) =>
    policy.match('trust', administrator, now)
      ? undefined
      : policy.match('deny', administrator, now);
  const denied = shut(after);
  return denied && !shut(before) ? denied : undefined;
}

/** A deny of all of IPv4. To deny all of IPv6 is a way to do without it. */
function deniesIpv4({ list, subject }: Rule): boolean {
  if (list !== 'deny' || subject.kind !== 'range') return false;
  return subject.range.first.family === 4 && prefixOf(subject.range) === 0;
}

function stoodIn(before: Policy, { subject, text }: Rule, now: number): boolean {
  if (subject.kind !== 'range') return false;
  const origin = { address: subject.range.first, country: undefined, operator: undefined };
  return before.match('deny', origin, now)?.text === text;
}
