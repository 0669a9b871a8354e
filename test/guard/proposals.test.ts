import { describe, expect, it } from 'vitest';
import { parseRange } from '../../src/address/index.ts';
import type { JudgedPeer } from '../../src/guard/judge-peers.ts';
import type { Peer } from '../../src/guard/peer.ts';
import { propose } from '../../src/guard/proposals.ts';
import { formatSubject } from '../../src/policy/index.ts';

/** What differs from a phone that is registered from a country that nothing permits. */
interface Seen extends Partial<Omit<Peer, 'range'>> {
  readonly at?: string;
  readonly ok?: boolean | null;
  readonly reason?: JudgedPeer['reason'];
  readonly country?: string | null;
}

function judged(seen: Seen): JudgedPeer {
  const { at, ok = false, reason = 'not-permitted', country = 'GB', ...peer } = seen;
  const phone: Omit<Peer, 'range'> = {
    ...{ technology: 'PJSIP', name: '1001', role: 'phone', kind: 'contact', host: undefined },
    ...{ contact: undefined, callId: undefined, agent: '', status: 'Reachable' },
  };
  const range = at === undefined ? undefined : parseRange(at);
  const rule = reason === 'denied' ? 'deny GB' : null;
  return {
    peer: { ...phone, ...(peer as Peer), range },
    address: at ?? null,
    country,
    ok,
    reason,
    rule,
  };
}

const trunk = { role: 'trunk', kind: 'identify', name: 'provider', status: '' } as const;

function proposed(...seen: readonly Seen[]) {
  const { proposals, remarks } = propose(seen.map(judged));
  const rules = proposals.map(
    ({ list, subject, peers }) => `${list} ${formatSubject(subject)} for ${peers.join(', ')}`,
  );
  return [...rules, ...remarks];
}

describe('proposed is', () => {
  it.each<[string, Seen[], string[]]>([
    ['permit for a phone', [{ at: '81.2.69.142' }], ['permit 81.2.69.142 for PJSIP/1001']],
    ['the same over IPv6', [{ at: '2001:218::5' }], ['permit 2001:218::5 for PJSIP/1001']],
    [
      'trust for the network of a trunk',
      [{ ...trunk, at: '81.2.69.160/28' }],
      ['trust 81.2.69.160/28 for PJSIP/provider'],
    ],
    [
      'trust for the name of a trunk, once, whatever its addresses',
      [
        { ...trunk, host: 'sip.example.com', at: '81.2.69.160' },
        { ...trunk, host: 'sip.example.com', at: '2001:218::1' },
        { ...trunk, technology: 'IAX2', name: 'other', host: 'sip.example.com', at: '81.2.69.160' },
      ],
      ['trust sip.example.com for IAX2/other, PJSIP/provider'],
    ],
    [
      'the name of a trunk that has no address now',
      [{ ...trunk, host: 'sip.example.com', reason: 'unresolved' }],
      ['trust sip.example.com for PJSIP/provider'],
    ],
    [
      'the name, where one of its addresses is not let in',
      [
        { ...trunk, host: 'sip.example.com', at: '192.0.2.1', ok: true, reason: 'permitted' },
        { ...trunk, host: 'sip.example.com', at: '81.2.69.160' },
      ],
      ['trust sip.example.com for PJSIP/provider'],
    ],
    [
      'one rule for all phones behind one address',
      [{ at: '81.2.69.142' }, { at: '81.2.69.142', name: '1002' }, { at: '81.2.69.142' }],
      ['permit 81.2.69.142 for PJSIP/1001, PJSIP/1002'],
    ],
    [
      'nothing for an address beside the name that it has',
      [
        { ...trunk, host: 'sip.example.com', at: '81.2.69.160' },
        { ...trunk, at: '81.2.69.160' },
      ],
      ['trust sip.example.com for PJSIP/provider'],
    ],
    [
      'nothing for an address beside the network that it is in',
      [
        { at: '81.2.69.161' },
        { ...trunk, at: '81.2.69.161', name: 'one' },
        { ...trunk, at: '81.2.69.160/28' },
        { ...trunk, at: '81.2.69.160/29', name: 'part' },
      ],
      ['trust 81.2.69.160/28 for PJSIP/provider, PJSIP/1001, PJSIP/one, PJSIP/part'],
    ],
    [
      'trust for a trunk at the address of a phone',
      [{ at: '81.2.69.142' }, { ...trunk, at: '81.2.69.142' }],
      ['trust 81.2.69.142 for PJSIP/provider, PJSIP/1001'],
    ],
    [
      'trust for a trunk within the network of a phone',
      [{ at: '81.2.69.0/24' }, { ...trunk, at: '81.2.69.142' }],
      ['permit 81.2.69.0/24 for PJSIP/1001', 'trust 81.2.69.142 for PJSIP/provider'],
    ],
  ])('%s', (_, seen, rules) => {
    expect(proposed(...seen)).toEqual(rules);
  });
});

describe('not proposed is', () => {
  it.each<[string, Seen[], string[]]>([
    ['what is let in', [{ at: '81.2.69.142', ok: true, reason: 'permitted' }], []],
    ['a phone that is not registered', [{ ok: null, reason: 'not-registered' }], []],
    ['a private address', [{ at: '192.168.7.7' }, { ...trunk, at: 'fd00::/64' }], []],
    ['a name of private addresses', [{ ...trunk, host: 'pbx.example.com', at: '10.0.0.1' }], []],
    [
      'a name of which nothing is shut out',
      [{ ...trunk, host: 'sip.example.com', at: '192.0.2.1', ok: true, reason: 'permitted' }],
      [],
    ],
    [
      'what a deny covers',
      [{ at: '81.2.69.142', reason: 'denied' }],
      ['PJSIP/1001: 81.2.69.142 is denied (deny GB); no rule proposed'],
    ],
    [
      'a name, where a deny covers one of its addresses',
      [
        { ...trunk, host: 'sip.example.com', at: '81.2.69.160' },
        { ...trunk, host: 'sip.example.com', at: '81.2.69.161', reason: 'denied' },
      ],
      ['PJSIP/provider: 81.2.69.161 is denied (deny GB); no rule proposed'],
    ],
    [
      'a name that a phone claims',
      [{ host: 'sip.example.com', reason: 'unresolved' }],
      ['PJSIP/1001: gives a name as its address, and could give any; no rule proposed'],
    ],
    [
      'a name that could be mistaken for something else',
      ['us', 'AS64500', '81.2.69.0/24', 'localhost', '*'].map((host) => ({
        ...{ ...trunk, host, reason: 'unresolved' as const },
      })),
      ['us', 'AS64500', '81.2.69.0/24', 'localhost', '*'].map(
        (host) => `PJSIP/provider: '${host}' can't be in a rule; no rule proposed`,
      ),
    ],
    [
      'half the world',
      [{ ...trunk, at: '128.0.0.0/1' }, { at: '2001::/31' }, { at: '81.2.0.0/15' }],
      [
        'PJSIP/1001: 2001::/31 is too wide; if you mean that, make the rule by hand',
        'PJSIP/1001: 81.2.0.0/15 is too wide; if you mean that, make the rule by hand',
        'PJSIP/provider: 128.0.0.0/1 is too wide; if you mean that, make the rule by hand',
      ],
    ],
    [
      'anything hostile, on more than its line',
      [{ ...trunk, name: 'a\r\n\u001b[2Jb', host: 'x\u202ey', reason: 'unresolved' }],
      ["PJSIP/a\\x0d\\x0a\\x1b[2Jb: 'x\\u{202e}y' can't be in a rule; no rule proposed"],
    ],
  ])('%s', (_, seen, remarks) => {
    expect(proposed(...seen)).toEqual(remarks);
  });
});

describe('told with a proposal is', () => {
  it('that a phone is registered, from where, and what it calls itself', () => {
    const { proposals } = propose([
      judged({ at: '81.2.69.142', agent: 'One' }),
      judged({ at: '81.2.69.142', agent: 'Two', country: 'GB' }),
    ]);
    expect(proposals).toMatchObject([
      { registered: true, countries: ['GB'], agents: ['One', 'Two'], reasons: ['not-permitted'] },
    ]);
  });

  it('not so of what an administrator has written down', () => {
    const written = { at: '81.2.69.142', kind: 'peer', status: '', country: null } as const;
    const { proposals } = propose([judged(written)]);
    expect(proposals).toMatchObject([{ registered: false, countries: [null] }]);
  });
});
