import { once } from 'node:events';
import { expect, test } from 'vitest';
import { describeIptables, STRANGERS_OTHER } from '../support/iptables-world.ts';
import { PBX_IPV4, PBX_IPV6, type World } from '../support/netns-world.ts';
import { run } from '../support/probe-iptables.ts';

describeIptables((setup, family, caller) => {
  test('tiny', async () => {
    await setup.load({ options: { tiny: true } });
    expect(await setup.udp(caller.stranger, '', 33_000)).toBe(false);
    expect(await setup.udp(caller.stranger, 'x', 33_000)).toBe(true);
  });

  test('bogons', async () => {
    await setup.load({ options: { bogons: true } });
    expect(await setup.udp(caller.bogon)).toBe(false);
    expect(await setup.udp(caller.lan)).toBe(false);
    expect(await setup.udp(caller.own)).toBe(true);
    expect(await setup.udp(caller.stranger)).toBe(true);
    await setup.load({ options: { bogons: true }, permit: ['10.0.0.0/8', 'fc00::/7'] });
    expect(await setup.udp(caller.lan)).toBe(true);
  });

  test('rates', async () => {
    await setup.load({ options: { rates: true } });
    const began = performance.now();
    const sip = (times: number, text: string, from: string = caller.stranger) =>
      setup.probes.passing(times, { from, transport: 'udp', port: 5060, text });
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
    expectAbout(await setup.probes.passing(80, connections), 10, 10);
  });

  test('traps', async () => {
    await setup.load({ options: { traps: true } });
    expect(await setup.udp(caller.stranger)).toBe(true);
    expect(await setup.tcp(caller.stranger, 23)).toBe(false);
    expect(await setup.udp(caller.stranger)).toBe(false);
    expect(await setup.tcp(caller.stranger, 80)).toBe(false);
    expect(await setup.tcp(caller.stranger, 22)).toBe(true);
    expect(await setup.probes.answered(caller.stranger, 'udp', 53)).toBe(true);
    expect(await setup.udp(caller.another)).toBe(true);
    for (const welcome of [caller.permitted, caller.trusted, caller.lan]) {
      expect(await setup.tcp(welcome, 23)).toBe(true);
      expect(await setup.udp(welcome)).toBe(true);
    }
  });

  test('invalid', async () => {
    await setup.load({ options: { invalid: true } });
    expect(await setup.tcp(caller.stranger, 80, 'text')).toBe(true);
    // What passes us is counted by a rule behind ours.
    const program = family === 4 ? 'iptables' : 'ip6tables';
    const behind = ['INPUT', '-s', caller.odd, '-p', 'tcp'];
    await run(setup.world, [program, '-A', ...behind]);
    const passed = async () => {
      await sendTcp(setup.world, caller.odd, NONSENSE);
      const rules = await run(setup.world, [`${program}-save`, '-c']);
      return Number(/^\[(\d+):\d+\] -A INPUT -s /m.exec(rules)?.[1]);
    };
    expect(await passed()).toBe(0);
    await setup.load({});
    expect(await passed()).toBe(NONSENSE.length);
    await run(setup.world, [program, '-D', ...behind]);
  });
});

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
