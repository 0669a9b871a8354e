import { describe, expect, it } from 'vitest';
import {
  type Call,
  decide,
  type Entry,
  type Facts,
  type Verdict,
} from '../../src/screening/index.ts';
import { address, type PolicyText, policy } from '../support/policy.ts';

const NOW = Date.UTC(2026, 0, 1);
const CALLER = '81.2.69.142'; // GB in every country database of the tests

const baseCall: Call = {
  entry: 'external',
  source: { kind: 'address', address: address(CALLER) },
  technology: 'PJSIP',
  channel: 'PJSIP/anonymous-00000001',
  uniqueid: '1700000000.1',
  sipuri: 'sip:bob@198.51.100.7',
  domain: 'sip.example.com',
  extension: 'weather',
  number: '5551234',
  name: 'Bob',
  agent: 'Linphone/5.2',
};
const basePolicy: PolicyText = {
  permit: ['GB'],
  extensions: { weather: 'goto,from-internal,947,1' },
  domains: ['sip.example.com'],
  scanners: ['friendly-scanner', 'sipcli'],
};
const baseFacts: Facts = { country: 'GB', operator: undefined, overRate: false, now: NOW };

interface Case {
  readonly call?: Partial<Call>;
  readonly policy?: PolicyText;
  readonly facts?: Partial<Facts>;
}

function judge(...cases: readonly Case[]): Verdict {
  return decide(
    Object.assign({}, baseCall, ...cases.map((c) => c.call)),
    policy(Object.assign({}, basePolicy, ...cases.map((c) => c.policy))),
    Object.assign({}, baseFacts, ...cases.map((c) => c.facts)),
  );
}

/** Outcome, reason, rule and where it leads, in one line of text. */
function said(verdict: Verdict): string {
  const rule = verdict.rule ? `${verdict.rule.list} ${verdict.rule.text}` : '-';
  const route = verdict.outcome === 'allow' && verdict.route ? ' with route' : '';
  return `${verdict.outcome} ${verdict.reason} (${rule})${route}`;
}

/** What makes each line of the table apply, and nothing else. */
const LINES: Readonly<Record<number, { readonly name: string } & Case>> = {
  1: { name: 'no network source', call: { source: { kind: 'none' }, technology: 'DAHDI' } },
  2: {
    name: 'source that can’t be parsed',
    call: { source: { kind: 'malformed', text: '1.2.3' } },
  },
  3: { name: 'trusted', policy: { trust: ['81.2.69.0/24'] } },
  4: { name: 'denied', policy: { deny: ['81.2.69.142'] } },
  5: { name: 'scanner', call: { agent: 'friendly-scanner' } },
  6: { name: 'above its rate', facts: { overRate: true } },
  7: { name: 'not permitted', policy: { permit: ['US', '192.0.2.0/24'] } },
  8: { name: 'wrong domain', call: { domain: '203.0.113.5' } },
  9: { name: 'unlisted', call: { extension: '90044123' } },
};
const NUMBERS = Object.keys(LINES).map(Number);

/** design.md's table, said once more: the first that applies wins, trust skips 4 to 7. */
function expected(applying: readonly number[], entry: Entry): string {
  const external = entry === 'external';
  const trusted = applying.includes(3);
  const rule = trusted ? 'trust 81.2.69.0/24' : 'permit GB';
  const first = applying.find((line) => {
    if (line === 3) return false;
    if (line >= 4 && line <= 7) return !trusted;
    return line <= 2 || external;
  });
  switch (first) {
    case 1:
      return external ? 'stranger no-address (-)' : 'allow no-address (-)';
    case 2:
      return 'stranger bad-address (-)';
    case 4:
      return 'stranger denied (deny 81.2.69.142)';
    case 5:
      return 'stranger scanner (-)';
    case 6:
      return 'stranger rate (-)';
    case 7:
      return 'stranger not-permitted (-)';
    case 8:
      return 'stranger wrong-domain (-)';
    case 9:
      return `unlisted unlisted (${rule})`;
    default: {
      const allowed = `allow ${trusted ? 'trusted' : 'permitted'} (${rule})`;
      return external ? `${allowed} with route` : allowed;
    }
  }
}

const both = (lines: readonly number[]) => lines.map((line) => LINES[line]!);

describe.each<Entry>(['external', 'blacklist-check'])('%s: one line at a time', (entry) => {
  it.each([
    [1, entry === 'external' ? 'stranger no-address (-)' : 'allow no-address (-)'],
    [2, 'stranger bad-address (-)'],
    [
      3,
      entry === 'external'
        ? 'allow trusted (trust 81.2.69.0/24) with route'
        : 'allow trusted (trust 81.2.69.0/24)',
    ],
    [4, 'stranger denied (deny 81.2.69.142)'],
    [5, 'stranger scanner (-)'],
    [6, 'stranger rate (-)'],
    [7, 'stranger not-permitted (-)'],
    [8, entry === 'external' ? 'stranger wrong-domain (-)' : 'allow permitted (permit GB)'],
    [9, entry === 'external' ? 'unlisted unlisted (permit GB)' : 'allow permitted (permit GB)'],
  ])('line %i alone: %s', (line, verdict) => {
    expect(said(judge({ call: { entry } }, LINES[line]!))).toBe(verdict);
  });

  it('line 10: nothing speaks against it', () => {
    expect(said(judge({ call: { entry } }))).toBe(
      entry === 'external'
        ? 'allow permitted (permit GB) with route'
        : 'allow permitted (permit GB)',
    );
  });

  const pairs = NUMBERS.flatMap((a) => NUMBERS.filter((b) => b > a).map((b) => [a, b] as const))
    .filter(([a, b]) => !(a === 1 && b === 2)) // a source is missing or malformed, not both
    .map(([a, b]) => [LINES[a]!.name, LINES[b]!.name, expected([a, b], entry), a, b] as const);

  it.each(pairs)('%s and %s: %s', (_a, _b, verdict, a, b) => {
    expect(said(judge({ call: { entry } }, ...both([a, b])))).toBe(verdict);
  });

  it('every combination of lines follows the table', () => {
    let seen = 0;
    for (let bits = 0; bits < 1 << NUMBERS.length; bits++) {
      const applying = NUMBERS.filter((_, i) => bits & (1 << i));
      if (applying.includes(1) && applying.includes(2)) continue;
      expect(said(judge({ call: { entry } }, ...both(applying))), applying.join()).toBe(
        expected(applying, entry),
      );
      seen++;
    }
    expect(seen).toBe(384);
  });
});

describe('pairs whose order an administrator relies on', () => {
  it('denied beats scanner', () => {
    expect(judge(LINES[4]!, LINES[5]!).reason).toBe('denied');
  });

  it('deny beats permit, of the very same subject', () => {
    const verdict = judge({ policy: { deny: ['GB'], permit: ['GB'] } });
    expect(said(verdict)).toBe('stranger denied (deny GB)');
  });

  it('trust beats deny, of the very same subject', () => {
    const verdict = judge({ policy: { trust: [CALLER], deny: [CALLER], permit: [] } });
    expect(said(verdict)).toBe(`allow trusted (trust ${CALLER}) with route`);
  });

  it('trusted skips 4 to 7 but not the domain', () => {
    const verdict = judge(...both([3, 4, 5, 6, 7, 8]));
    expect(verdict.reason).toBe('wrong-domain');
  });

  it('trusted skips 4 to 7 but not the whitelist', () => {
    const verdict = judge(...both([3, 4, 5, 6, 7, 9]));
    expect(said(verdict)).toBe('unlisted unlisted (trust 81.2.69.0/24)');
  });

  it('trust does not help a source that can’t be parsed', () => {
    const verdict = judge(LINES[2]!, { policy: { trust: ['0.0.0.0/0', '::/0'] } });
    expect(verdict.reason).toBe('bad-address');
  });

  it('a scanner above its rate is a scanner', () => {
    expect(judge(LINES[5]!, LINES[6]!).reason).toBe('scanner');
  });

  it('a stranger above its rate is above its rate', () => {
    expect(judge(LINES[6]!, LINES[7]!).reason).toBe('rate');
  });

  it('not permitted comes before the wrong domain: a stranger learns nothing of our domains', () => {
    expect(judge(LINES[7]!, LINES[8]!).reason).toBe('not-permitted');
  });

  it('wrong domain comes before unlisted', () => {
    expect(judge(LINES[8]!, LINES[9]!).reason).toBe('wrong-domain');
  });
});

describe('not-permitted or country-unknown', () => {
  const elsewhere = { permit: ['US'] };

  it.each([
    ['a country that is not permitted', { country: 'GB' }, 'not-permitted'],
    ['no country found', { country: undefined }, 'country-unknown'],
    [
      'an operator found, but no country',
      { country: undefined, operator: 64500 },
      'country-unknown',
    ],
  ])('%s: %s → %s', (_, facts, reason) => {
    expect(judge({ policy: elsewhere, facts }).reason).toBe(reason);
  });

  it('no country found, but an address rule permits it', () => {
    const verdict = judge({ policy: { permit: ['81.2.69.0/24'] }, facts: { country: undefined } });
    expect(said(verdict)).toBe('allow permitted (permit 81.2.69.0/24) with route');
  });

  it('an empty permit list permits nobody', () => {
    expect(judge({ policy: { permit: [] } }).reason).toBe('not-permitted');
  });

  it('a country that no rule can name (EU, AP) is not a way in', () => {
    expect(judge({ facts: { country: 'EU' } }).reason).toBe('not-permitted');
  });
});

describe('whom a rule is about', () => {
  const provider = { 'sip.provider.example': [CALLER, '2001:db8::5'] };
  const source = (text: string) => ({ kind: 'address' as const, address: address(text) });

  it.each([
    ['address', CALLER],
    ['network', '81.2.0.0/16'],
    ['range', '81.2.69.100-81.2.69.200'],
    ['country', 'GB'],
    ['AS number', 'AS64500'],
    ['host name', 'sip.provider.example'],
  ])('%s, in each of the three lists', (_, subject) => {
    const facts = { operator: 64500 };
    const none = { trust: [], deny: [], permit: [], resolved: provider };
    const reason = (policy: PolicyText) => judge({ policy: { ...none, ...policy }, facts }).reason;
    expect(reason({ permit: [subject] })).toBe('permitted');
    expect(reason({ permit: ['GB'], deny: [subject] })).toBe('denied');
    expect(reason({ deny: ['GB'], trust: [subject] })).toBe('trusted');
  });

  it.each([
    ['another address', '81.2.69.143'],
    ['a network beside it', '81.3.0.0/16'],
    ['a range that ends before it', '81.2.69.100-81.2.69.141'],
    ['another country', 'US'],
    ['another AS number', 'AS64501'],
    ['a name that resolved to others', 'other.example'],
    ['a name that never resolved', 'never.example'],
  ])('%s permits nothing', (_, subject) => {
    const resolved = { ...provider, 'other.example': ['192.0.2.1'] };
    const verdict = judge({ policy: { permit: [subject], resolved }, facts: { operator: 64500 } });
    expect(verdict.reason).toBe('not-permitted');
  });

  it('a name matches the true source alone, never the name in a header', () => {
    const verdict = judge({
      policy: { permit: [], trust: ['sip.provider.example'], resolved: provider },
      call: {
        source: source('192.0.2.66'),
        sipuri: 'sip:bob@sip.provider.example',
        name: 'sip.provider.example',
        agent: 'sip.provider.example',
      },
    });
    expect(verdict.outcome).toBe('stranger');
  });

  it('a name counts with its IPv6 addresses too', () => {
    const verdict = judge({
      policy: { permit: ['sip.provider.example'], resolved: provider },
      call: { source: source('2001:db8::5') },
      facts: { country: undefined },
    });
    expect(verdict.reason).toBe('permitted');
  });

  it('an IPv4 caller whom a dual-stack socket shows as ::ffff:81.2.69.142', () => {
    const verdict = judge({
      policy: { permit: ['81.2.69.0/24'] },
      call: { source: source(`::ffff:${CALLER}`) },
    });
    expect(verdict.reason).toBe('permitted');
  });
});

describe('expiry', () => {
  const until = (expiresAt: number) => [CALLER, expiresAt] as const;

  it.each([
    ['a moment before', NOW + 1, 'permitted'],
    ['at the very moment', NOW, 'not-permitted'],
    ['long past', 0, 'not-permitted'],
  ])('a permit %s its expiry', (_, expiresAt, reason) => {
    expect(judge({ policy: { permit: [until(expiresAt)] } }).reason).toBe(reason);
  });

  it.each([
    ['a moment before', NOW + 1, 'denied'],
    ['at the very moment', NOW, 'permitted'],
  ])('a deny %s its expiry', (_, expiresAt, reason) => {
    expect(judge({ policy: { deny: [until(expiresAt)] } }).reason).toBe(reason);
  });

  it.each([
    ['country', 'GB'],
    ['AS number', 'AS64500'],
    ['host name', 'sip.provider.example'],
  ])('a rule by %s expires at the very moment too', (_, subject) => {
    const reason = (expiresAt: number) =>
      judge({
        policy: {
          permit: [[subject, expiresAt]],
          resolved: { 'sip.provider.example': [CALLER] },
        },
        facts: { operator: 64500 },
      }).reason;
    expect(reason(NOW + 1)).toBe('permitted');
    expect(reason(NOW)).toBe('not-permitted');
  });

  it('an expired rule leaves the wider one behind it in force', () => {
    const verdict = judge({ policy: { permit: [until(NOW), ['81.2.0.0/16', NOW + 1], 'US'] } });
    expect(said(verdict)).toBe('allow permitted (permit 81.2.0.0/16) with route');
  });

  it('an expired address rule leaves the country rule in force', () => {
    const verdict = judge({ policy: { permit: [until(NOW), 'GB'] } });
    expect(said(verdict)).toBe('allow permitted (permit GB) with route');
  });

  it('an expired trust no longer skips the deny', () => {
    const verdict = judge({ policy: { trust: [until(NOW)], deny: ['GB'] } });
    expect(verdict.reason).toBe('denied');
  });
});

describe('extensions', () => {
  it.each(['weather', 'WEATHER', 'Weather'])('%s reaches weather', (extension) => {
    const verdict = judge({ call: { extension } });
    expect(verdict).toMatchObject({
      outcome: 'allow',
      route: { kind: 'goto', context: 'from-internal', extension: '947', priority: '1' },
    });
  });

  it.each([
    '',
    'weathe',
    'weatherx',
    ' weather',
    'weather ',
    'weather@sip.example.com',
    'weather&PJSIP/trunk/1900',
    '500&PJSIP/trunk/1900',
    'weather\n',
    '_X.',
    '_.',
    'constructor',
    '__proto__',
    'h',
    's',
  ])('%j is unlisted: exact names only', (extension) => {
    expect(judge({ call: { extension } })).toMatchObject({ outcome: 'unlisted' });
  });

  it('an empty whitelist lists nobody', () => {
    expect(judge({ policy: { extensions: {} } }).outcome).toBe('unlisted');
  });

  it('a device route', () => {
    const verdict = judge({ policy: { extensions: { weather: 'dial,Local/951@from-internal' } } });
    expect(verdict).toMatchObject({ route: { kind: 'dial', device: 'Local/951@from-internal' } });
  });

  it('a blacklist check carries no route, whatever was dialled', () => {
    const verdict = judge({ call: { entry: 'blacklist-check', extension: 'weather' } });
    expect(verdict).not.toHaveProperty('route');
  });
});

describe('domains', () => {
  it.each([
    ['as written', 'sip.example.com'],
    ['in capitals', 'SIP.EXAMPLE.COM'],
    ['with the final dot of a full name', 'sip.example.com.'],
  ])('called %s', (_, domain) => {
    expect(judge({ call: { domain } }).reason).toBe('permitted');
  });

  it.each([
    ['by the address', '203.0.113.5'],
    ['with a name that begins the same', 'sip.example.com.evil.example'],
    ['with a name that ends the same', 'evil-sip.example.com'],
    ['by the parent', 'example.com'],
    ['with two final dots', 'sip.example.com..'],
    ['not at all: IAX2 has no domain', ''],
  ])('called %s is the wrong domain', (_, domain) => {
    expect(judge({ call: { domain } }).reason).toBe('wrong-domain');
  });

  it.each(['', '203.0.113.5', 'anything.example'])('an empty list: %j will do', (domain) => {
    expect(judge({ policy: { domains: [] }, call: { domain } }).reason).toBe('permitted');
  });

  it.each([
    ['2001:db8::5', '[2001:db8::5]'],
    ['2001:db8::5', '2001:DB8:0:0::5'],
    ['203.0.113.5', '203.0.113.5'],
    ['203.0.113.5', '[::ffff:203.0.113.5]'],
  ])('an address on the list, %s, called as %s', (listed, domain) => {
    expect(judge({ policy: { domains: [listed] }, call: { domain } }).reason).toBe('permitted');
  });
});

describe('scanners', () => {
  it.each(['friendly-scanner', 'Friendly-Scanner', 'x FRIENDLY-SCANNER/1.0 y', 'sipcli/v1.8'])(
    '%s',
    (agent) => {
      expect(judge({ call: { agent } }).reason).toBe('scanner');
    },
  );

  it.each(['', 'friendly', 'Linphone/5.2', 'sip cli'])('%j is none', (agent) => {
    expect(judge({ call: { agent } }).reason).toBe('permitted');
  });

  it('a pattern is text, not a regular expression', () => {
    const scanners = ['a.c', '(', 'x*'];
    expect(judge({ policy: { scanners }, call: { agent: 'abc' } }).reason).toBe('permitted');
    expect(judge({ policy: { scanners }, call: { agent: 'xa.cx' } }).reason).toBe('scanner');
  });
});

it('is pure: the same question gives the same verdict, and nothing handed in is changed', () => {
  const frozen = Object.freeze({ ...baseCall, source: Object.freeze({ ...baseCall.source }) });
  const rules = policy(basePolicy);
  const facts = Object.freeze({ ...baseFacts });
  expect(decide(frozen, rules, facts)).toEqual(decide(frozen, rules, facts));
});

it('monitor mode is the reply’s affair: the verdict stays the same', () => {
  expect(judge(LINES[4]!, { policy: { ...LINES[4]!.policy, mode: 'monitor' } })).toEqual(
    expect.objectContaining({ outcome: 'stranger', reason: 'denied' }),
  );
});
