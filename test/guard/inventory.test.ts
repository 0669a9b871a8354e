import { afterEach, describe, expect, it } from 'vitest';
import {
  type Answers,
  type Fields,
  phones,
  startAmiPeer,
} from '../../scripts/benchmark/ami-peer.mjs';
import { formatRange } from '../../src/address/index.ts';
import { connectAmi } from '../../src/ami/index.ts';
import { isConfigured, readPeers, resolvePeers } from '../../src/guard/inventory.ts';
import { judgePeers } from '../../src/guard/judge-peers.ts';
import type { Peer } from '../../src/guard/peer.ts';
import { startNames } from '../../src/policy/index.ts';
import { newDatabase } from '../support/database.ts';
import { startDnsServer } from '../support/dns-server.ts';
import { listeningLog } from '../support/log.ts';
import { address, policy } from '../support/policy.ts';

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function connected(answers: Answers) {
  const peer = await startAmiPeer({ answers });
  open.push(() => peer.stop());
  const { host, port } = peer;
  const connection = await connectAmi({ host, port, user: 'guard', secret: 'secret' });
  open.push(() => connection.close());
  return { peer, connection };
}

const list =
  (...events: Fields[]) =>
  () => ({ events });

/** `PJSIP/1001 phone contact 81.2.69.142` */
const line = ({ technology, name, role, kind, range, host }: Peer) =>
  `${technology}/${name} ${role} ${kind} ${range ? formatRange(range) : (host ?? '-')}`;

/** As Asterisk 22.10 answered, with what is read of it. */
const PJSIP: Answers = {
  PJSIPShowContacts: list(
    {
      Event: 'ContactList',
      ObjectName: '1001;@8e05d10e7e14d7999b622f2a229d1bb1',
      ViaAddr: '10.0.0.1',
      CallId: '1-8104@81.2.69.142',
      Endpoint: '1001',
      Uri: 'sip:1001@81.2.69.142:5060',
      UserAgent: 'Test phone 1.0',
      Status: 'NonQualified',
    },
    {
      Event: 'ContactList',
      ObjectName: '1001;@8ed4c3821a70c26bd526319bca0430b8',
      CallId: '',
      Endpoint: '1001',
      Uri: 'sip:1001@[2001:218::5]:5060;transport=ws',
      Status: 'Reachable',
    },
    // No Asterisk lists these here, but PJSIPShowEndpoint does: they are trunks.
    { Event: 'ContactList', ObjectName: 'x@@e2d0', Endpoint: 'x', Uri: 'sip:203.0.113.1' },
  ),
  PJSIPShowEndpoints: list(
    { Event: 'EndpointList', ObjectName: '1001' },
    { Event: 'EndpointList', ObjectName: 'provider' },
    { Event: 'EndpointList', ObjectName: 'gone' },
  ),
  PJSIPShowEndpoint: ({ Endpoint }) => {
    if (Endpoint === 'gone') return { error: 'Unable to retrieve endpoint gone' };
    if (Endpoint === '1001') {
      return {
        events: [
          { Event: 'EndpointDetail', ObjectName: '1001' },
          {
            Event: 'ContactStatusDetail',
            URI: 'sip:1001@81.2.69.142:5060',
            EndpointName: '1001',
            ID: '1001;@8e05d10e7e14d7999b622f2a229d1bb1',
          },
        ],
      };
    }
    return {
      events: [
        {
          Event: 'ContactStatusDetail',
          URI: 'sip:gateway@sip.provider.example',
          Status: 'NonQualified',
          EndpointName: 'provider',
          ID: 'provider@@e2d0022ef8d629db7fdeba714538494e',
        },
        {
          Event: 'IdentifyDetail',
          ObjectName: 'provider-networks',
          Match: '81.2.69.176/255.255.255.240,2001:218:1::/ffff:ffff:ffff::',
          EndpointName: 'provider',
        },
      ],
    };
  },
  PJSIPShowRegistrationsOutbound: list({
    Event: 'OutboundRegistrationDetail',
    ObjectName: 'provider',
    ServerUri: 'sip:sip.provider.example',
    OutboundProxy: 'sip:81.2.69.163;lr',
    Status: 'Rejected',
  }),
};

/** As Asterisk 16.28 answered. */
const CLASSIC: Answers = {
  SIPpeers: list(
    { Event: 'PeerEntry', ObjectName: '1001', IPaddress: '2001:218::5', Dynamic: 'yes' },
    { Event: 'PeerEntry', ObjectName: '1002', IPaddress: '-none-', Dynamic: 'yes' },
    { Event: 'PeerEntry', ObjectName: 'trunk-gb', IPaddress: '81.2.69.160', Dynamic: 'no' },
  ),
  SIPshowregistry: list({
    Event: 'RegistryEntry',
    Host: 'sip.provider.example',
    Port: '5060',
    Username: 'us',
    State: 'Request Sent',
  }),
  IAXpeerlist: list(
    { Event: 'PeerEntry', ObjectName: 'iax-phone', IPaddress: '(null)', Dynamic: 'yes' },
    { Event: 'PeerEntry', ObjectName: 'iax-provider', IPaddress: '81.2.69.162', Dynamic: 'no' },
  ),
  IAXregistry: list({ Event: 'RegistryEntry', Host: '81.2.69.161:4569', Username: 'us' }),
};

describe('the inventory', () => {
  it('of PJSIP', async () => {
    const { connection } = await connected(PJSIP);
    const peers = await readPeers(connection);
    expect(peers.map(line)).toEqual([
      'PJSIP/1001 phone contact 81.2.69.142',
      'PJSIP/1001 phone contact 2001:218::5',
      'PJSIP/provider trunk contact sip.provider.example',
      'PJSIP/provider trunk identify 81.2.69.176/28',
      'PJSIP/provider trunk identify 2001:218:1::/48',
      'PJSIP/provider trunk registration sip.provider.example',
      'PJSIP/provider trunk registration 81.2.69.163',
    ]);
    expect(peers[0]).toMatchObject({
      contact: '1001;@8e05d10e7e14d7999b622f2a229d1bb1',
      callId: '1-8104@81.2.69.142',
      agent: 'Test phone 1.0',
      status: 'NonQualified',
    });
    expect(peers[1]).toMatchObject({ callId: undefined, agent: '' });
    expect(peers.slice(2).every(({ contact }) => contact === undefined)).toBe(true);
  });

  it('of chan_sip and chan_iax2', async () => {
    const { connection } = await connected(CLASSIC);
    expect((await readPeers(connection)).map(line)).toEqual([
      'SIP/1001 phone peer 2001:218::5',
      'SIP/1002 phone peer -',
      'SIP/trunk-gb trunk peer 81.2.69.160',
      'SIP/us trunk registration sip.provider.example',
      'IAX2/iax-phone phone peer -',
      'IAX2/iax-provider trunk peer 81.2.69.162',
      'IAX2/us trunk registration 81.2.69.161',
    ]);
  });

  it('asks for nothing that is not there: Asterisk would report it', async () => {
    const { peer, connection } = await connected({});
    expect(await readPeers(connection)).toEqual([]);
    expect(peer.received.slice(2).map(({ Action }) => Action)).toEqual(['ListCommands']);
  });

  it('needs the class system: who may not ask must not find nobody', async () => {
    const { connection } = await connected({ ListCommands: () => ({ response: { Ping: '' } }) });
    await expect(readPeers(connection)).rejects.toMatchObject({
      code: 'ami-permission',
      message: expect.stringContaining('write=system'),
    });
  });

  it('takes what is configured from before, with one action less for each endpoint', async () => {
    const { peer, connection } = await connected(PJSIP);
    const before = await readPeers(connection);
    const asked = peer.received.length;
    const identifies = before.filter(isConfigured);
    expect(await readPeers(connection, { identifies })).toEqual(before);
    expect(peer.received.slice(asked).map(({ Action }) => Action)).toEqual([
      'ListCommands',
      'PJSIPShowContacts',
      'PJSIPShowRegistrationsOutbound',
    ]);
  });

  it('of 2 000 phones takes seconds, and far less when identifies are known', async () => {
    const { connection } = await connected(phones(2_000, (i) => `198.18.${i >> 8}.${i & 255}`));
    let begin = performance.now();
    const peers = await readPeers(connection);
    expect(peers).toHaveLength(4_000);
    expect(performance.now() - begin).toBeLessThan(10_000);
    begin = performance.now();
    await readPeers(connection, { identifies: peers.filter(isConfigured) });
    expect(performance.now() - begin).toBeLessThan(3_000);
  });

  it('is of data alone, whatever callers call themselves', async () => {
    const { connection } = await connected({
      ...PJSIP,
      PJSIPShowContacts: list({
        Event: 'ContactList',
        ObjectName: 'x;@1',
        Endpoint: '__proto__',
        Uri: 'sip:a,provider/sip:203.0.113.5@203.0.113.9',
        UserAgent: '\u001b[2J',
      }),
    });
    const [phone] = await readPeers(connection);
    expect(line(phone!)).toBe('PJSIP/__proto__ phone contact 203.0.113.9');
  });
});

const peerAt = (place: string | undefined, more: Partial<Peer> = {}): Peer => ({
  ...{ technology: 'PJSIP', name: 'x', role: 'phone', kind: 'contact' },
  ...{ contact: undefined, callId: undefined, agent: '', status: '' },
  range: place === undefined ? undefined : rangeOf(place),
  host: undefined,
  ...more,
});

function rangeOf(text: string) {
  const [first, last = first] = text.split('-');
  return { first: address(first!), last: address(last!) };
}

describe('names of trunks', () => {
  it('are looked up, once each, and stand for all their addresses', async () => {
    const dns = await startDnsServer();
    const store = newDatabase();
    const names = startNames({
      ...{ database: store.database, log: listeningLog().log },
      ...{ servers: [dns.address], interval: 3_600 },
    });
    open.push(
      () => store.remove(),
      () => dns.close(),
      () => names.stop(),
    );
    dns.set('sip.provider.example', ['81.2.69.161'], ['2001:218::9']);
    const trunk = peerAt(undefined, { role: 'trunk', host: 'sip.provider.example' });
    const peers = [
      trunk,
      { ...trunk, name: 'again' },
      peerAt(undefined, { role: 'trunk', host: 'nowhere.example' }),
      peerAt(undefined, { host: 'asked-by-a-phone.example' }),
      peerAt(undefined),
      peerAt('192.0.2.1', { role: 'trunk', host: 'known.example' }),
    ];
    expect((await resolvePeers(peers, names)).map(line)).toEqual([
      'PJSIP/x trunk contact 81.2.69.161',
      'PJSIP/x trunk contact 2001:218::9',
      'PJSIP/again trunk contact 81.2.69.161',
      'PJSIP/again trunk contact 2001:218::9',
      'PJSIP/x trunk contact nowhere.example',
      'PJSIP/x phone contact asked-by-a-phone.example',
      'PJSIP/x phone contact -',
      'PJSIP/x trunk contact 192.0.2.1',
    ]);
    expect(dns.questions.sort()).toEqual([
      'nowhere.example A',
      'nowhere.example AAAA',
      'sip.provider.example A',
      'sip.provider.example AAAA',
    ]);

    // DNS fails: the last good addresses stand.
    dns.set('sip.provider.example', 'servfail', 'servfail');
    const [again] = await resolvePeers([trunk], names);
    expect(line(again!)).toBe('PJSIP/x trunk contact 81.2.69.161');
  });
});

describe('the verdict on a peer', () => {
  const parts = {
    policy: policy({
      permit: ['GB', '10.0.0.0/8'],
      deny: ['81.2.69.142'],
      trust: ['203.0.113.7'],
    }),
    country: {
      country: ({ family, ...rest }: ReturnType<typeof address>) => {
        const top = 'value' in rest ? rest.value >>> 24 : 0;
        return family === 4 ? { 81: 'GB', 89: 'SE' }[top] : undefined;
      },
      operator: () => undefined,
    },
    now: 0,
  };

  it.each<[string, string | undefined, Partial<Peer>, object]>([
    [
      'permitted',
      '81.2.69.160',
      {},
      { ok: true, reason: 'permitted', rule: 'permit GB', country: 'GB' },
    ],
    [
      'of another country',
      '89.160.20.112',
      {},
      { ok: false, reason: 'not-permitted', rule: null, country: 'SE' },
    ],
    ['of no country', '2001:db8::1', {}, { ok: false, reason: 'country-unknown', country: null }],
    ['denied', '81.2.69.142', {}, { ok: false, reason: 'denied', rule: 'deny 81.2.69.142' }],
    ['trusted', '203.0.113.7', {}, { ok: true, reason: 'trusted', rule: 'trust 203.0.113.7' }],
    [
      'a network',
      '81.2.69.176-81.2.69.191',
      {},
      { ok: true, address: '81.2.69.176/28', country: 'GB' },
    ],
    [
      'a network over a border',
      '81.0.0.0-89.255.255.255',
      {},
      { ok: false, reason: 'not-permitted', country: null },
    ],
    [
      'a network that begins denied',
      '81.2.69.142-81.2.69.143',
      {},
      { ok: false, reason: 'denied' },
    ],
    ['not registered', undefined, {}, { ok: null, reason: 'not-registered', address: null }],
    [
      'a name without address',
      undefined,
      { host: 'x.example' },
      { ok: false, reason: 'unresolved', address: null },
    ],
  ])('%s', (_, place, more, verdict) => {
    const peer = peerAt(place, more);
    expect(judgePeers([peer], parts)).toMatchObject([{ peer, ...verdict }]);
  });
});
