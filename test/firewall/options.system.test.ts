import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NFT_OPTIONS } from '../../src/firewall/plan.ts';
import { until } from '../support/asterisk-until.ts';
import { type FirewallWorld, openFirewallWorld } from '../support/firewall-world.ts';
import { PBX_IPV4, PBX_IPV6 } from '../support/netns-world.ts';
import { outcome } from '../support/program.ts';

const STRANGERS = ['25.80.1.1', '2a00:80::1'] as const;
const PERMITTED = ['25.70.1.1', '2a00:70::1'] as const;
/** A stranger's server that the PBX asks. */
const RESOLVER = '25.80.1.53';
/** Whose addresses nobody on the Internet has. */
const BOGUS = ['198.51.100.7', '2001:db8:5::7'] as const;
const PERMITTED_BOGUS = ['203.0.113.7', '2001:db8:6::7'] as const;

let pbx: FirewallWorld;
beforeAll(async () => {
  const callers = [...STRANGERS, ...PERMITTED, ...BOGUS, ...PERMITTED_BOGUS, RESOLVER, '10.9.0.1'];
  pbx = await openFirewallWorld(callers, [5_060, 80, 22]);
  // 10.9.0.1 is no stranger, as the server itself is in its network, and not because of permit.
  await pbx.atPbx('ip', 'addr', 'add', '10.9.0.2/24', 'dev', 'cable');
  await outcome(pbx.world.outside(['ip', 'route', 'add', '10.9.0.2', 'dev', 'cable']));
  for (const range of ['10.0.0.0/8', 'fe80::/10', 'fc00::/7']) pbx.forget('permit', range);
  pbx.permit('permit', ...PERMITTED, ...PERMITTED_BOGUS);
});
afterAll(() => pbx.close());

/** Makes the options those named, and no others. */
async function choose(...names: string[]): Promise<void> {
  const flags = NFT_OPTIONS.map((name) => (names.includes(name) ? `--${name}` : `--no-${name}`));
  expect(await pbx.run('apply', '--level', 'blocks', ...flags)).toMatchObject({ code: 0 });
  expect(await pbx.run('confirm')).toMatchObject({ code: 0 });
}

const sip = (from: string, data: string, count = 1) => pbx.send({ from, port: 5_060, data, count });
const web = (from: string, count = 1, port = 80) =>
  pbx.send({ from, port, transport: 'tcp', count });

describe('without options', () => {
  it('nothing of it is dropped', async () => {
    await choose();
    for (const from of [...STRANGERS, ...BOGUS]) {
      expect(await sip(from, '')).toBe(1);
      expect(await sip(from, 'REGISTER sip:x', 40)).toBe(40);
      expect(await web(from, 25)).toBe(25);
      expect(await web(from, 1, 23)).toBe(0); // nobody listens there
      expect(await web(from)).toBe(1);
    }
  });
});

describe('tiny', () => {
  beforeAll(() => choose('tiny'));
  it.each(STRANGERS)('drops packets of %s with nothing in them', async (from) => {
    const before = await pbx.counter('tiny');
    expect(await sip(from, '')).toBe(0);
    expect(await pbx.counter('tiny')).toBe(before + 1);
    expect(await sip(from, 'x')).toBe(1);
  });
});

describe('bogons', () => {
  beforeAll(() => choose('bogons'));
  it.each(BOGUS)('drops %s', async (from) => {
    expect([await sip(from, 'x'), await web(from)]).toEqual([0, 0]);
    expect(await web(from, 1, 22)).toBe(1);
  });
  it.each([...STRANGERS, ...PERMITTED, ...PERMITTED_BOGUS])('lets %s be', async (from) => {
    expect(await sip(from, 'x')).toBe(1);
  });
  it('lets networks be that this server is in', async () => {
    expect(await pbx.send({ from: '10.9.0.1', to: '10.9.0.2', port: 5_060 })).toBe(1);
  });
});

describe('rates', () => {
  beforeAll(() => choose('rates'));
  it.each(STRANGERS)('%s gets 20 REGISTER through at once', async (from) => {
    const passed = await sip(from, 'REGISTER sip:pbx SIP/2.0\r\n', 60);
    expect(passed).toBeGreaterThanOrEqual(20);
    expect(passed).toBeLessThan(25); // two more a second
  });
  it.each(STRANGERS)('%s gets 20 INVITE through, whatever the REGISTERs', async (from) => {
    const passed = await sip(from, 'INVITE sip:1@pbx SIP/2.0\r\n', 60);
    expect(passed).toBeGreaterThanOrEqual(20);
    expect(passed).toBeLessThan(28);
  });
  it.each(STRANGERS)('other packets of %s are not counted', async (from) => {
    expect(await sip(from, 'OPTIONS sip:pbx SIP/2.0\r\n', 60)).toBe(60);
    expect(await sip(from, 'INVITED to nothing', 60)).toBe(60);
  });
  it.each(STRANGERS)('%s opens 10 connections a second', async (from) => {
    const passed = await web(from, 40);
    expect(passed).toBeGreaterThanOrEqual(10);
    expect(passed).toBeLessThan(20);
  });
  it.each(PERMITTED)('counts %s for itself', async (from) => {
    expect(await sip(from, 'REGISTER sip:pbx SIP/2.0\r\n', 15)).toBe(15);
  });
});

describe('traps', () => {
  beforeAll(() => choose('traps'));
  it.each(STRANGERS)('lock %s out of all but SSH, once it has probed', async (from) => {
    expect([await web(from), await sip(from, 'x')]).toEqual([1, 1]);
    await web(from, 1, 3_306);
    expect([await web(from), await sip(from, 'x')]).toEqual([0, 0]);
    expect(await web(from, 1, 22)).toBe(1);
  });
  it.each([...PERMITTED, '10.9.0.1'])('lock nobody out who is welcome: %s', async (from) => {
    await web(from, 1, 3_306);
    expect(await web(from)).toBe(1);
  });
  it('in the name of a server that we ask do not cut off its answers', async () => {
    const answer = `const socket = require('node:dgram').createSocket('udp4');
      socket.on('message', (data, { port, address }) => socket.send(data, port, address));
      socket.bind(53, '${RESOLVER}', () => console.log('ready'));`;
    const server = pbx.world.outside([process.execPath, '-e', answer]);
    await once(server.stdout!, 'data');
    const ask = `const socket = require('node:dgram').createSocket('udp4');
      socket.on('message', (answer) => { console.log(String(answer)); socket.close(); });
      socket.send('what?', 53, '${RESOLVER}');
      setTimeout(() => process.exit(1), 2000).unref();`;
    await web(RESOLVER, 1, 3_306);
    expect(await sip(RESOLVER, 'x')).toBe(0);
    expect(await pbx.atPbx(process.execPath, '-e', ask)).toBe('what?\n');
    server.kill('SIGKILL');
  });
  it('let the locked out in again who are permitted', async () => {
    pbx.permit('permit', STRANGERS[0]);
    // As the guard does it: only the sets change, the lock-out stays.
    await pbx.atPbx(
      'nft',
      `flush set inet ipcountry permit4; add element inet ipcountry permit4 { ${STRANGERS[0]} }`,
    );
    expect(await web(STRANGERS[0])).toBe(1);
    pbx.forget('permit', STRANGERS[0]);
  });
});

describe('invalid', () => {
  beforeAll(() => choose('invalid'));

  /** TCP packets as no honest sender makes them, by their flags. */
  const NONSENSE = {
    'no flag at all': 0x00,
    'FIN, PSH and URG (Xmas)': 0x29,
    'SYN and FIN': 0x03,
    'SYN and RST': 0x06,
    'all flags': 0x3f,
    'FIN alone': 0x01,
    'ACK of no connection': 0x10,
  };
  it.each(Object.entries(NONSENSE))('drops %s', async (_, flags) => {
    for (const [from, to] of [
      [STRANGERS[0], PBX_IPV4],
      [STRANGERS[1], PBX_IPV6],
    ] as const) {
      const before = await pbx.counter('invalid');
      await sendTcp(from, to, flags);
      await until('the packet', async () => (await pbx.counter('invalid')) === before + 1);
    }
  });

  it.each(STRANGERS)('lets connections of %s be', async (from) => {
    const before = await pbx.counter('invalid');
    expect(await web(from, 5)).toBe(5);
    expect(await pbx.counter('invalid')).toBe(before);
  });

  const PACKET = `
import socket, struct, sys
source, target, flags = sys.argv[1], sys.argv[2], int(sys.argv[3])
family = socket.AF_INET6 if ':' in target else socket.AF_INET
out = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_TCP)
out.bind((source, 0))
header = struct.pack('!HHIIBBHHH', 40000 + flags, 80, 1, 1, 5 << 4, flags, 1024, 0, 0)
pseudo = socket.inet_pton(family, source) + socket.inet_pton(family, target)
pseudo += struct.pack('!II', len(header), 6) if ':' in target else struct.pack('!HH', 6, len(header))
total = sum(struct.unpack('!%dH' % (len(pseudo + header) // 2), pseudo + header))
while total >> 16: total = (total & 0xffff) + (total >> 16)
header = header[:16] + struct.pack('!H', ~total & 0xffff) + header[18:]
out.sendto(header, (target, 0))
`;
  async function sendTcp(from: string, to: string, flags: number): Promise<void> {
    const argv = ['python3', '-c', PACKET, from, to, String(flags)];
    expect(await outcome(pbx.world.outside(argv))).toMatchObject({ code: 0, err: '' });
  }
});
