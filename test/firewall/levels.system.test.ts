import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addBlock } from '../../src/blocks/index.ts';
import { type FirewallWorld, openFirewallWorld } from '../support/firewall-world.ts';
import { address } from '../support/policy.ts';

/** Who calls, over IPv4 and IPv6. */
const WHO = {
  permitted: ['203.0.113.10', '2001:db8:10::1'],
  'of a permitted country': ['25.70.1.1', '2001:db8:701::1'],
  'of another country': ['25.80.1.1', '2001:db8:801::1'],
  unknown: ['198.51.100.20', '2001:db8:20::1'],
  'permitted, but denied': ['203.0.113.66', '2001:db8:66::1'],
  'permitted, but blocked': ['203.0.113.77', '2001:db8:77::5'],
  'denied, but trusted': ['203.0.113.88', '2001:db8:88::1'],
  'blocked, but trusted': ['203.0.113.99', '2001:db8:99::1'],
} as const;
type Who = keyof typeof WHO;

/** Where they call. */
const PLACES = {
  'SIP, UDP': { port: 5060, transport: 'udp' },
  'SIP, TCP': { port: 5060, transport: 'tcp' },
  WebSocket: { port: 8088, transport: 'tcp' },
  IAX: { port: 4569, transport: 'udp' },
  media: { port: 10_000, transport: 'udp' },
  'web page': { port: 80, transport: 'tcp' },
  'another UDP service': { port: 7_000, transport: 'udp' },
  SSH: { port: 22, transport: 'tcp' },
} as const;
type Place = keyof typeof PLACES;
const SHUT_BY_SIP: readonly Place[] = ['SIP, UDP', 'SIP, TCP', 'WebSocket', 'IAX', 'media'];

const isIn = (level: string, who: Who, place: Place): boolean => {
  if (place === 'SSH' || who.endsWith('but trusted')) return true;
  if (who.endsWith('but denied') || who.endsWith('but blocked')) return false;
  const shut = level === 'server' || (level === 'sip' && SHUT_BY_SIP.includes(place));
  return !shut || who === 'permitted' || who === 'of a permitted country';
};

let pbx: FirewallWorld;
beforeAll(async () => {
  const ports = [...new Set(Object.values(PLACES).map(({ port }) => port))];
  pbx = await openFirewallWorld(Object.values(WHO).flat(), ports);
  pbx.permit('permit', 'US', '203.0.113.0/24', '2001:db8:10::/48', '2001:db8:66::/48');
  pbx.permit('permit', '2001:db8:77::/48');
  pbx.permit('deny', '203.0.113.66', '2001:db8:66::1', '203.0.113.88', '2001:db8:88::/48');
  pbx.permit('trust', ...WHO['denied, but trusted'], ...WHO['blocked, but trusted']);
  const blocked = [...WHO['permitted, but blocked'], ...WHO['blocked, but trusted']];
  for (const source of blocked) {
    const block = { source: address(source), reason: 'manual', origin: 'test', seconds: 3_600 };
    // Of the /64, another address than the one that comes.
    addBlock(pbx.database, block as never, { now: Date.now(), mail: false });
  }
});
afterAll(() => pbx.close());

describe.each(['blocks', 'sip', 'server'])('level %s', (level) => {
  beforeAll(async () => {
    const applied = await pbx.run('apply', '--level', level);
    expect(applied).toMatchObject({ code: 0 });
    expect(await pbx.run('confirm')).toMatchObject({ code: 0, out: `confirmed: level ${level}\n` });
  });

  const all = Object.entries(WHO).flatMap(([who, sources]) =>
    sources.map((from) => [who as Who, from] as const),
  );
  it.each(all)('%s (%s) gets where it may, and nowhere else', async (who, from) => {
    const places = Object.entries(PLACES) as [Place, (typeof PLACES)[Place]][];
    const answers = await Promise.all(places.map(([, place]) => pbx.send({ from, ...place })));
    expect(Object.fromEntries(places.map(([name], i) => [name, answers[i] === 1]))).toEqual(
      Object.fromEntries(places.map(([name]) => [name, isIn(level, who, name)])),
    );
  });

  it('counts what it did', async () => {
    const { json } = await pbx.run('status', '--json');
    expect(json).toMatchObject({ level, confirmed: level, trial: null, stands: true });
    for (const name of ['trust', 'blocks', 'deny']) {
      expect(json.counters[name].packets, name).toBeGreaterThan(0);
    }
    for (const name of ['permit', 'strangers']) {
      expect(json.counters[name].packets > 0, name).toBe(level !== 'blocks');
    }
    expect(json.sets).toMatchObject({ block4: 2, block6: 2, trust4: 2, deny4: 2 });
  });
});

describe('who was let in', () => {
  it('is out with the next packet once that is taken away, also in a running flow', async () => {
    const flow = { from: '25.70.1.1', port: 5060, fromPort: 5_555 };
    expect(await pbx.send(flow)).toBe(1);
    pbx.forget('permit', 'US');
    expect(await pbx.run('load')).toMatchObject({ code: 0 });
    expect(await pbx.send(flow)).toBe(0);
    pbx.permit('permit', 'US');
    await pbx.run('load');
    expect(await pbx.send(flow)).toBe(1);
  });
});
