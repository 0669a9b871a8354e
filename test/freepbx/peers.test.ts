import { describe, expect, it } from 'vitest';
import { formatRange } from '../../src/address/index.ts';
import { peersOf } from '../../src/freepbx/peers.ts';
import { type FreepbxContent, rowsOf } from './tables.ts';

/** Each peer as `role TECHNOLOGY/name kind place`. */
function read(content: FreepbxContent) {
  const { peers, remarks } = peersOf(rowsOf(content));
  return {
    peers: peers.map(({ role, technology, name, kind, range, host }) =>
      [role, `${technology}/${name}`, kind, range ? formatRange(range) : host].join(' '),
    ),
    remarks,
  };
}

describe('FreePBX says where they are:', () => {
  it.each<[string, FreepbxContent, string[]]>([
    [
      'a PJSIP trunk: its server and whom it matches',
      {
        trunks: [[3, 'Provider', 'pjsip']],
        pjsip: { 3: { sip_server: 'sip.example.com', match: '203.0.113.7, 203.0.113.8/31' } },
      },
      [
        'trunk PJSIP/Provider identify 203.0.113.7',
        'trunk PJSIP/Provider identify 203.0.113.8/31',
        'trunk PJSIP/Provider registration sip.example.com',
      ],
    ],
    [
      'a chan_sip trunk: peer, user and registration',
      {
        trunks: [[1, 'Old provider', 'sip']],
        sip: {
          'tr-peer-1': {
            account: 'old',
            HOST: 'sip.example.com',
            permit: '203.0.113.0/255.255.255.0',
          },
          'tr-user-1': { account: 'in', host: '203.0.113.9', type: 'user' },
          'tr-reg-1': { register: 'me:secret@reg.example.com/me' },
        },
      },
      [
        'trunk SIP/Old provider peer sip.example.com',
        'trunk SIP/Old provider peer 203.0.113.0/24',
        'trunk SIP/Old provider peer 203.0.113.9',
        'trunk SIP/Old provider registration reg.example.com',
      ],
    ],
    [
      'an IAX2 trunk',
      { trunks: [[2, 'Branch', 'iax2']], iax: { 'tr-peer-2': { host: '2001:db8::7' } } },
      ['trunk IAX2/Branch peer 2001:db8::7'],
    ],
    [
      'a trunk without a name of its own',
      {
        trunks: [[4, '', 'pjsip']],
        pjsip: { 4: { trunk_name: 'four', sip_server: '203.0.113.4' } },
        iax: { 'tr-peer-9': { account: 'nine', host: '203.0.113.9' } },
      },
      ['trunk PJSIP/four registration 203.0.113.4', 'trunk IAX2/nine peer 203.0.113.9'],
    ],
    [
      'extensions that are tied to places',
      {
        devices: { 1001: 'sip', 1002: 'iax2', 1003: 'pjsip' },
        sip: {
          1001: {
            host: 'dynamic',
            deny: '0.0.0.0/0.0.0.0',
            permit: '203.0.113.1&203.0.113.2/255.255.255.255',
          },
          1003: { match: '203.0.113.3', permit: '192.0.2.0/24', host: 'leftover.example.com' },
        },
        iax: { 1002: { host: 'branch.example.com', permit: '2001:db8::/64' } },
      },
      [
        'phone SIP/1001 peer 203.0.113.1',
        'phone SIP/1001 peer 203.0.113.2',
        'phone PJSIP/1003 identify 203.0.113.3',
        'phone IAX2/1002 peer branch.example.com',
        'phone IAX2/1002 peer 2001:db8::/64',
      ],
    ],
  ])('%s', (_, content, peers) => {
    expect(read(content)).toEqual({ peers, remarks: [] });
  });

  it.each<[string, FreepbxContent]>([
    ['general settings', { sip: { '-1': { host: '203.0.113.1' } } }],
    ['extensions that may be anywhere', { sip: { 1: { host: 'dynamic', permit: '' } } }],
    [
      'disabled trunks',
      {
        trunks: [
          [1, 'a', 'sip', 'on'],
          [2, 'b', 'pjsip', 'on'],
          [3, 'c', 'pjsip', 'off'],
          [4, 'd', 'iax2', ''],
        ],
        sip: {
          'tr-peer-1': { host: '203.0.113.1' },
          'tr-reg-1': { register: 'a:b@c.example.com' },
        },
        pjsip: {
          2: { sip_server: '203.0.113.2' },
          3: { disabletrunk: 'on', match: '203.0.113.3' },
        },
        iax: { 'tr-peer-4': { host: '203.0.113.4' } },
      },
    ],
    ['trunks that register with us', { pjsip: { 1: { registration: 'receive', sip_server: '' } } }],
  ])('nothing of %s', (_, content) => {
    expect(read(content)).toEqual({ peers: [], remarks: [] });
  });

  it('and a trunk that FreePBX switched neither on nor off is in use', () => {
    const content: FreepbxContent = {
      trunks: [[1, 'x', 'pjsip', null]],
      pjsip: { 1: { match: '203.0.113.1' } },
    };
    expect(read(content).peers).toHaveLength(1);
  });
});

describe('what says nothing is told:', () => {
  it.each<[string, FreepbxContent, string]>([
    [
      'a mistyped network',
      { sip: { 1001: { permit: '203.0.113.0/255.0.255.0' } } },
      "SIP/1001: permit '203.0.113.0/255.0.255.0' can't be understood; left out",
    ],
    [
      'hostile text, on one line and cut',
      { iax: { 'x\u001b[2J': { host: `a\r\nb\u202e${'x'.repeat(5_000)}` } } },
      `IAX2/x\\x1b[2J: host 'a\\x0d\\x0ab\\u{202e}${'x'.repeat(55)}…' can't be understood; left out`,
    ],
    [
      'a registration, without its secret',
      { trunks: [[1, 'T', 'sip']], sip: { 'tr-reg-1': { register: 'me:secret@not a host' } } },
      "SIP/T: register can't be understood; left out",
    ],
    [
      'a PJSIP trunk without any address',
      { trunks: [[1, 'T', 'pjsip']], pjsip: { 1: { registration: 'send' } } },
      'PJSIP/T: FreePBX has no address of this trunk',
    ],
    [
      'a permit of everybody',
      { sip: { 1: { permit: '0.0.0.0/0.0.0.0&::/0' }, 2: { permit: '0.0.0.0/0.0.0.0' } } },
      'permit of all addresses left out: SIP/1, SIP/2',
    ],
    [
      'many such permits, briefly',
      {
        sip: Object.fromEntries(
          Array.from({ length: 12 }, (_, n) => [n + 10, { permit: '0.0.0.0/0' }]),
        ),
      },
      `permit of all addresses left out: ${Array.from({ length: 10 }, (_, n) => `SIP/${n + 10}`).join(', ')} and 2 more`,
    ],
  ])('%s', (_, content, remark) => {
    expect(read(content)).toEqual({ peers: [], remarks: [remark] });
  });
});
