import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contains, formatAddress } from '../../src/address/index.ts';
import { type Origin, parseSubject } from '../../src/policy/index.ts';
import { LISTS, type Rule } from '../../src/policy/types.ts';
import { address, policy, type RuleText } from '../support/policy.ts';

const origin = (text: string, country?: string, operator?: number): Origin => ({
  address: address(text),
  country,
  operator,
});

describe('against a brute-force oracle, over all kinds of rules', () => {
  const ADDRESSES = [
    '192.0.2.0',
    '192.0.2.1',
    '192.0.2.255',
    '192.0.3.0',
    '10.0.0.1',
    '2001:db8::',
    '2001:db8::1',
    '2001:db8:1::',
  ];
  const RESOLVED: Record<string, string[]> = {
    'one.example': ['192.0.2.1'],
    'two.example': ['192.0.3.0', '2001:db8::1'],
  };
  const SUBJECTS = [
    ...ADDRESSES,
    '192.0.2.0/24',
    '192.0.2.0/31',
    '192.0.2.1-192.0.3.0',
    '0.0.0.0/0',
    '2001:db8::/64',
    '::/0',
    'GB',
    'US',
    'AS64500',
    'AS64501',
    'one.example',
    'two.example',
    'never.example',
  ];
  const rules = fc.uniqueArray(
    fc.tuple(fc.constantFrom(...SUBJECTS), fc.constantFrom(1, 2, 3, undefined)),
    { selector: ([subject]) => subject, maxLength: 10 },
  );
  const someOrigin = fc.record({
    at: fc.constantFrom(...ADDRESSES),
    country: fc.constantFrom('GB', 'US', 'FR', undefined),
    operator: fc.constantFrom(64500, 64502, undefined),
  });

  function covers(text: string, { address: at, country, operator }: Origin): boolean {
    const subject = parseSubject(text);
    switch (subject.kind) {
      case 'range':
        return contains(subject.range, at);
      case 'country':
        return subject.code === country;
      case 'operator':
        return subject.asn === operator;
      case 'name':
        return (RESOLVED[subject.host] ?? []).includes(formatAddress(at));
    }
  }

  it('match() names a live rule of the list that covers, exactly where there is one', () => {
    fc.assert(
      fc.property(rules, rules, rules, someOrigin, fc.nat({ max: 4 }), (t, d, p, o, now) => {
        const texts = { trust: t, deny: d, permit: p };
        const asRules = (list: typeof t) =>
          list.map(
            ([subject, until]): RuleText => (until === undefined ? subject : [subject, until]),
          );
        const compiled = policy({
          trust: asRules(t),
          deny: asRules(d),
          permit: asRules(p),
          resolved: RESOLVED,
        });
        const from = origin(o.at, o.country, o.operator);
        for (const list of LISTS) {
          const live = texts[list]
            .filter(
              ([text, until]) => (until ?? Number.POSITIVE_INFINITY) > now && covers(text, from),
            )
            .map(([text]) => text);
          const found: Rule | undefined = compiled.match(list, from, now);
          if (live.length === 0) expect(found).toBeUndefined();
          else {
            expect(found?.list).toBe(list);
            expect(live).toContain(found?.text);
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('match', () => {
  it('an address rule is named before a country rule: it says more', () => {
    const compiled = policy({ permit: ['GB', '81.2.69.0/24'] });
    expect(compiled.match('permit', origin('81.2.69.1', 'GB'), 0)?.text).toBe('81.2.69.0/24');
  });

  it('an unknown country or operator matches no rule', () => {
    const compiled = policy({ permit: ['GB', 'AS64500'] });
    expect(compiled.match('permit', origin('81.2.69.1'), 0)).toBeUndefined();
  });

  it('a name follows all its addresses', () => {
    const resolved = { 'two.example': ['192.0.2.1', '2001:db8::1'] };
    const compiled = policy({ trust: ['two.example'], resolved });
    for (const at of ['192.0.2.1', '2001:db8::1']) {
      expect(compiled.match('trust', origin(at), 0)?.text).toBe('two.example');
    }
    expect(compiled.match('trust', origin('192.0.2.2'), 0)).toBeUndefined();
  });

  it('a name is matched against nothing but its own addresses', () => {
    const resolved = { 'other.example': ['192.0.2.1'] };
    const compiled = policy({ trust: ['never.example'], resolved });
    expect(compiled.match('trust', origin('192.0.2.1'), 0)).toBeUndefined();
    expect(compiled.size.segments).toBe(0);
  });
});

it('size tells rules and segments', () => {
  const compiled = policy({ permit: ['GB', '10.0.0.0/8'], deny: ['10.1.0.0/16'] });
  expect(compiled.size).toEqual({ rules: 3, segments: 2 });
});
