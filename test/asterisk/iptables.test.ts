import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Level } from '../../src/firewall/plan.ts';
import { versionUnderTest } from '../support/asterisk-lab.ts';
import { planOf } from '../support/firewall-plan.ts';
import { openWorld, PBX_IPV4, PBX_IPV6, type World } from '../support/netns-world.ts';
import { openProbes, type Probe, type Probes } from '../support/probe.ts';
import { loadPlan, run } from '../support/probe-iptables.ts';

// Real packets against the rules in the kernel. No Asterisk in it: once is enough.

const CALLERS = {
  4: {
    trusted: '8.8.4.1',
    permitted: '81.2.69.142',
    denied: '81.2.70.1',
    blocked: '81.2.69.13',
    stranger: '89.160.20.112',
    another: '89.160.21.1',
    bogon: '203.0.113.77',
    own: '198.51.100.9',
    lan: '10.0.0.5',
    odd: '89.160.22.1',
  },
  6: {
    trusted: '2001:4860::1',
    permitted: '2001:218::5',
    denied: '2001:219::5',
    blocked: '2001:218:1::5',
    stranger: '2001:220::5',
    another: '2001:221::5',
    bogon: '2001:db8:bad::5',
    own: '2001:db8::9',
    lan: 'fd00::5',
    odd: '2001:222::5',
  },
} as const;
/** The same /64 as the stranger. */
const STRANGERS_OTHER = '2001:220::6';
const FAMILIES = [4, 6] as const;

const LISTS = {
  trust: FAMILIES.map((family) => CALLERS[family].trusted),
  permit: ['81.2.69.0/24', '2001:218::/32'],
  deny: ['81.2.70.0/24', '2001:219::/32'],
  blocks: [
    { counted: '81.2.69.13', seconds: 600 },
    { counted: '2001:218:1::/64', seconds: undefined },
  ],
  own: ['198.51.100.0/24', '2001:db8::/64'],
};
const DOMAINS = ['sip.example.com'];
const SCANNERS = ['friendly-scanner', 'evil "quoted" \\ phone'];

describe.runIf(versionUnderTest().name === 'Asterisk 22')('iptables', () => {
  let world: World;
  let probes: Probes;
  beforeAll(async () => {
    const callers = FAMILIES.flatMap((family) => Object.values(CALLERS[family]));
    world = await openWorld([...callers, STRANGERS_OTHER]);
    probes = await openProbes(world, {
      trusted: { v4: CALLERS[4].trusted, v6: CALLERS[6].trusted },
      servers: FAMILIES.map((family) => CALLERS[family].stranger),
      udp: [53, 4569, 5060, 10_000, 33_000],
      tcp: [22, 23, 80, 5060, 5061, 8089],
    });
  });
  afterAll(() => {
    probes.close();
    world.close();
  });

  /** Loads the plan anew, all that the kernel remembers of sources forgotten. */
  const load = async (plan: Parameters<typeof planOf>[0]) => {
    await loadPlan(world, planOf({ ...LISTS, domains: DOMAINS, scanners: SCANNERS, ...plan }));
    await run(world, [
      'sh',
      '-c',
      'for l in /proc/net/xt_recent/*; do [ ! -e $l ] || echo / > $l; done',
    ]);
  };
  const udp = (from: string, text?: string, port = 5060) =>
    probes.arrives({ from, transport: 'udp', port, ...(text !== undefined && { text }) });
  const tcp = (from: string, port: number, text?: string) =>
    probes.arrives({ from, transport: 'tcp', port, ...(text !== undefined && { text }) });

  describe.each(FAMILIES)('IPv%s', (family) => {
    const caller = CALLERS[family];

    describe('levels', () => {
      const PROBES: readonly (readonly [Probe['transport'], number])[] = [
        ['tcp', 22],
        ['tcp', 80],
        ['tcp', 5060],
        ['tcp', 8089],
        ['udp', 4569],
        ['udp', 5060],
        ['udp', 10_000],
        ['udp', 33_000],
      ];
      const EVERYTHING = PROBES.map(([transport, port]) => `${transport} ${port}`);
      const SSH = ['tcp 22'];
      const OTHERS = [...SSH, 'tcp 80', 'udp 33000'];

      test.each<[Level, readonly string[]]>([
        ['blocks', EVERYTHING],
        ['sip', OTHERS],
        ['server', SSH],
      ])('%s', async (level, strangers) => {
        await load({ level });
        const reached = async (from: string) => {
          const list: string[] = [];
          for (const [transport, port] of PROBES) {
            if (await probes.arrives({ from, transport, port })) list.push(`${transport} ${port}`);
          }
          return list;
        };
        expect(await reached(caller.trusted)).toEqual(EVERYTHING);
        expect(await reached(caller.permitted)).toEqual(EVERYTHING);
        expect(await reached(caller.denied)).toEqual(SSH);
        expect(await reached(caller.blocked)).toEqual(SSH);
        expect(await reached(caller.stranger)).toEqual(strangers);
      });

      test('answers of strangers whom this server asked come in', async () => {
        await load({ level: 'server' });
        expect(await probes.answered(caller.stranger, 'udp', 53)).toBe(true);
        expect(await probes.answered(caller.stranger, 'tcp', 80)).toBe(true);
        expect(await udp(caller.stranger, 'x', 53)).toBe(false);
      });

      test('another load changes who is let in, and leaves the rules of others', async () => {
        const program = family === 4 ? 'iptables' : 'ip6tables';
        await run(world, [program, '-A', 'INPUT', '-p', 'udp', '--dport', '9', '-j', 'DROP']);
        await load({ level: 'sip' });
        expect(await udp(caller.stranger)).toBe(false);
        await load({ level: 'sip', permit: ['89.160.20.0/24', '2001:220::/64'], blocks: [] });
        expect(await udp(caller.stranger)).toBe(true);
        expect(await udp(caller.permitted)).toBe(false);
        const rules = await run(world, [program, '-S', 'INPUT']);
        expect(rules.trim().split('\n')).toEqual([
          '-P INPUT ACCEPT',
          '-A INPUT -j IPCOUNTRY',
          '-A INPUT -p udp -m udp --dport 9 -j DROP',
        ]);
        await run(world, [program, '-D', 'INPUT', '-p', 'udp', '--dport', '9', '-j', 'DROP']);
      });
    });

    describe('options', () => {
      test('tiny', async () => {
        await load({ options: { tiny: true } });
        expect(await udp(caller.stranger, '', 33_000)).toBe(false);
        expect(await udp(caller.stranger, 'x', 33_000)).toBe(true);
      });

      test('bogons', async () => {
        await load({ options: { bogons: true } });
        expect(await udp(caller.bogon)).toBe(false);
        expect(await udp(caller.lan)).toBe(false);
        expect(await udp(caller.own)).toBe(true);
        expect(await udp(caller.stranger)).toBe(true);
        await load({ options: { bogons: true }, permit: ['10.0.0.0/8', 'fc00::/7'] });
        expect(await udp(caller.lan)).toBe(true);
      });

      test('rates', async () => {
        await load({ options: { rates: true } });
        const began = performance.now();
        const sip = (times: number, text: string, from: string = caller.stranger) =>
          probes.passing(times, { from, transport: 'udp', port: 5060, text });
        const expectAbout = (passed: number, burst: number, perSecond: number) => {
          const seconds = (performance.now() - began) / 1_000;
          expect(passed).toBeGreaterThanOrEqual(burst);
          expect(passed).toBeLessThanOrEqual(burst + perSecond * seconds + 1);
        };
        const register = 'REGISTER sip:pbx.example SIP/2.0\r\nCSeq: 1 INVITE\r\n\r\n';
        // Of IPv6 a /64 is one source.
        const neighbour = family === 4 ? caller.stranger : STRANGERS_OTHER;
        expectAbout((await sip(25, register)) + (await sip(25, register, neighbour)), 20, 2);
        expect(await sip(20, register, caller.another)).toBe(20);
        expectAbout(await sip(80, 'INVITE sip:1@pbx.example SIP/2.0'), 20, 4);
        expect(await sip(80, 'OPTIONS sip:pbx.example SIP/2.0')).toBe(80);
        const connections = { from: caller.stranger, transport: 'tcp', port: 80 } as const;
        expectAbout(await probes.passing(80, connections), 10, 10);
      });

      test('traps', async () => {
        await load({ options: { traps: true } });
        expect(await udp(caller.stranger)).toBe(true);
        expect(await tcp(caller.stranger, 23)).toBe(false);
        expect(await udp(caller.stranger)).toBe(false);
        expect(await tcp(caller.stranger, 80)).toBe(false);
        expect(await tcp(caller.stranger, 22)).toBe(true);
        expect(await probes.answered(caller.stranger, 'udp', 53)).toBe(true);
        expect(await udp(caller.another)).toBe(true);
        for (const welcome of [caller.permitted, caller.trusted, caller.lan]) {
          expect(await tcp(welcome, 23)).toBe(true);
          expect(await udp(welcome)).toBe(true);
        }
      });

      test('invalid', async () => {
        await load({ options: { invalid: true } });
        expect(await tcp(caller.stranger, 80, 'text')).toBe(true);
        // What passes us is counted by a rule behind ours.
        const program = family === 4 ? 'iptables' : 'ip6tables';
        const behind = ['INPUT', '-s', caller.odd, '-p', 'tcp'];
        await run(world, [program, '-A', ...behind]);
        const passed = async () => {
          await sendTcp(world, caller.odd, NONSENSE);
          const rules = await run(world, [`${program}-save`, '-c']);
          return Number(/^\[(\d+):\d+\] -A INPUT -s /m.exec(rules)?.[1]);
        };
        expect(await passed()).toBe(0);
        await load({});
        expect(await passed()).toBe(NONSENSE.length);
        await run(world, [program, '-D', ...behind]);
      });
    });

    describe('scanners', () => {
      beforeEach(() => load({ options: { scanners: true } }));
      const options = (agent: string) =>
        `OPTIONS sip:pbx.example SIP/2.0\r\nUser-Agent: ${agent}\r\n\r\n`;

      test('are shut out for good, whatever they send next', async () => {
        expect(await udp(caller.stranger, options('Honest phone'))).toBe(true);
        expect(await udp(caller.stranger, options('Friendly-Scanner'))).toBe(false);
        expect(await udp(caller.stranger, options('Honest phone'))).toBe(false);
        expect(await tcp(caller.stranger, 80)).toBe(false);
        expect(await tcp(caller.stranger, 22)).toBe(true);
        if (family === 6) expect(await udp(STRANGERS_OTHER)).toBe(false);
        expect(await probes.answered(caller.stranger, 'udp', 53)).toBe(true);
        expect(await udp(caller.another)).toBe(true);
      });

      test('over TCP too, and with any text that was given', async () => {
        expect(await tcp(caller.stranger, 5060, options('evil "QUOTED" \\ phone/1'))).toBe(false);
        expect(await udp(caller.stranger)).toBe(false);
        expect(await tcp(caller.another, 5060, options('evil quoted phone'))).toBe(true);
      });

      test('cut in two by fragments of IP', async () => {
        await narrow(world, 1_280);
        // The first fragment carries 1 248 bytes of text over IPv4, 1 224 over IPv6.
        const cut = (family === 4 ? 1_248 : 1_224) - 'User-Agent: friendly'.length;
        const text = 'x'.repeat(cut) + 'User-Agent: friendly-scanner'.padEnd(300);
        expect(await udp(caller.stranger, text.replace('-scanner', '_scanner'))).toBe(true);
        expect(await udp(caller.stranger, text)).toBe(false);
        await narrow(world, 1_500);
      });

      test('in the name of one who is permitted: only the packet is lost', async () => {
        expect(await udp(caller.permitted, options('friendly-scanner'))).toBe(false);
        expect(await udp(caller.permitted)).toBe(true);
        expect(await udp(caller.trusted, options('friendly-scanner'))).toBe(true);
      });
    });

    describe('domains', () => {
      beforeEach(() =>
        load({
          level: 'sip',
          options: { domains: true },
          permit: ['0.0.0.0/0', '::/0'],
          blocks: [],
        }),
      );

      test.each([
        ['in a REGISTER', 'REGISTER sip:SIP.Example.com SIP/2.0\r\n'],
        ['in an INVITE', 'INVITE sip:weather@sip.example.com SIP/2.0\r\n'],
      ])('named %s on first contact, then all later packets pass', async (_where, naming) => {
        const nameless = 'REGISTER sip:192.0.2.1 SIP/2.0\r\n';
        expect(await udp(caller.stranger, nameless)).toBe(false);
        expect(await tcp(caller.stranger, 5060, nameless)).toBe(false);
        expect(await udp(caller.stranger, naming)).toBe(true);
        expect(await udp(caller.stranger, nameless)).toBe(true);
        expect(await tcp(caller.stranger, 5060, nameless)).toBe(true);
        expect(await udp(caller.another, nameless)).toBe(false);
      });

      test('named over TCP', async () => {
        expect(await tcp(caller.stranger, 5060)).toBe(true); // nothing was said yet
        expect(await tcp(caller.stranger, 5060, 'REGISTER sip:sip.example.com SIP/2.0')).toBe(true);
        expect(await udp(caller.stranger)).toBe(true);
      });

      test('named in the greeting of TLS', async () => {
        const greeting = (name: string) =>
          `\x16\x03\x01\x00\x80\x01\x00\x00\x7c…\x00\x00\x00${String.fromCharCode(name.length + 5)}\x00${String.fromCharCode(name.length + 3)}\x00\x00${String.fromCharCode(name.length)}${name}`;
        expect(await tcp(caller.stranger, 5061, greeting('x.sip.example.com'))).toBe(false);
        expect(await tcp(caller.stranger, 5061, greeting('sip.example.com'))).toBe(true);
        expect(await tcp(caller.stranger, 5061, 'encrypted')).toBe(true);
      });

      test('other ports, trust and answers need no name', async () => {
        expect(await udp(caller.stranger, 'x', 10_000)).toBe(true);
        expect(await tcp(caller.stranger, 80, 'x')).toBe(true);
        expect(await udp(caller.trusted)).toBe(true);
        expect(await probes.answered(caller.stranger, 'udp', 5060)).toBe(true);
      });
    });
  });
});

/** Sets how long a packet on the cable can be. */
async function narrow(world: World, bytes: number): Promise<void> {
  for (const enter of [world.atPbx, world.outside]) {
    await once(enter(['ip', 'link', 'set', 'cable', 'mtu', String(bytes)]), 'close');
  }
}

/** TCP flags: none, Xmas, SYN FIN, SYN RST, FIN RST, FIN, PSH, URG, and ACK out of nowhere. */
const NONSENSE = [0x00, 0x29, 0x03, 0x06, 0x05, 0x01, 0x08, 0x20, 0x10];

/** TCP packets with these flags, of which the kernel would make none. */
async function sendTcp(world: World, from: string, flags: readonly number[]): Promise<void> {
  const child = world.outside(['python3', '-c', RAW_TCP, from, ...flags.map(String)], {
    stdio: 'inherit',
  });
  expect(await once(child, 'close')).toEqual([0, null]);
}

const RAW_TCP = `
import socket, struct, sys
source = sys.argv[1]
family, target = (socket.AF_INET6, '${PBX_IPV6}') if ':' in source else (socket.AF_INET, '${PBX_IPV4}')
s = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_TCP)
s.bind((source, 0))
ends = socket.inet_pton(family, source) + socket.inet_pton(family, target)
for flags in map(int, sys.argv[2:]):
    packet = lambda checksum: struct.pack(
        '!HHIIBBHHH', 40000 + flags, 80, 1, 0, 0x50, flags, 1024, checksum, 0)
    words = ends + struct.pack('!IHBB', 20, 0, 0, 6) + packet(0)
    total = sum(struct.unpack('!%dH' % (len(words) // 2), words))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    s.sendto(packet(~total & 0xffff), (target, 0))`;
