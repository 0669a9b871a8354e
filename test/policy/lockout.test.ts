import { describe, expect, it } from 'vitest';
import { lockout } from '../../src/policy/index.ts';
import { LISTS, type List } from '../../src/policy/types.ts';
import { address, type PolicyText, policy, rule } from '../support/policy.ts';

const NOW = 1_700_000_000_000;
const ADMINISTRATOR = { address: address('81.2.69.142'), country: 'GB', operator: undefined };

/** What is said of the change from one policy to another. */
function judged(before: PolicyText, after: PolicyText, administrator = ADMINISTRATOR) {
  const rules = LISTS.flatMap((list: List) => (after[list] ?? []).map((text) => rule(list, text)));
  return lockout(policy(before), policy(after), rules, administrator, NOW)?.code;
}

const usual: PolicyText = { permit: ['10.0.0.0/8', 'GB'] };

describe('a change that would shut everyone out', () => {
  it.each<[string, PolicyText]>([
    ['no permit at all', { permit: [] }],
    ['none that lives on', { permit: [['GB', NOW]] }],
    ['trust alone', { permit: [], trust: ['192.0.2.1'] }],
  ])('%s, while enforcing', (_, after) => {
    expect(judged(usual, after)).toBe('lockout-empty');
  });

  it('deny 0.0.0.0/0, while enforcing; not again once it stands', () => {
    const after: PolicyText = { ...usual, deny: ['0.0.0.0/0'] };
    const elsewhere = { ...ADMINISTRATOR, address: address('2001:db8::1') };
    expect(judged(usual, after, elsewhere)).toBe('lockout-everyone');
    expect(judged(after, { ...after, permit: ['GB', 'US'] }, elsewhere)).toBeUndefined();
    expect(judged(usual, { ...after, mode: 'monitor' }, elsewhere)).toBeUndefined();
  });

  it('is let through while monitoring: nobody is refused', () => {
    expect(judged(usual, { permit: [], mode: 'monitor' })).toBeUndefined();
  });

  it('one permit that lives is enough', () => {
    expect(judged(usual, { permit: [['GB', NOW + 1]] })).toBeUndefined();
  });
});

describe('a change that would shut the administrator out', () => {
  it.each(['81.2.69.142', '81.2.0.0/16', '0.0.0.0/0', 'GB'])('deny %s', (subject) => {
    expect(judged(usual, { ...usual, deny: [subject] })).toBe('lockout-ssh');
  });

  it.each(['81.2.69.143', '::/0', 'US'])('not: deny %s', (subject) => {
    expect(judged(usual, { ...usual, deny: [subject] })).toBeUndefined();
  });

  it('not where the administrator is trusted: trust beats deny', () => {
    expect(judged(usual, { ...usual, trust: ['81.2.69.142'], deny: ['GB'] })).toBeUndefined();
  });

  it('the trust that is taken away from under a deny', () => {
    const before = { ...usual, trust: ['81.2.69.142'], deny: ['GB'] };
    expect(judged(before, { ...before, trust: [] })).toBe('lockout-ssh');
  });

  it('not where it stood so before: another change is not to blame', () => {
    const before = { ...usual, deny: ['GB'] };
    expect(judged(before, { ...before, permit: ['10.0.0.0/8', 'US'] })).toBeUndefined();
  });

  it('not where nobody knows where the session comes from', () => {
    const after = policy({ ...usual, deny: ['GB'] });
    const rules = [rule('permit', 'GB')];
    expect(lockout(policy(usual), after, rules, undefined, NOW)).toBeUndefined();
  });
});
