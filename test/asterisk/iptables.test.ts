import { expect, test } from 'vitest';
import type { Level } from '../../src/firewall/plan.ts';
import { describeIptables } from '../support/iptables-world.ts';
import type { Probe } from '../support/probe.ts';
import { run } from '../support/probe-iptables.ts';

describeIptables((setup, family, caller) => {
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
    await setup.load({ level });
    const reached = async (from: string) => {
      const list: string[] = [];
      for (const [transport, port] of PROBES) {
        if (await setup.probes.arrives({ from, transport, port }))
          list.push(`${transport} ${port}`);
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
    await setup.load({ level: 'server' });
    expect(await setup.probes.answered(caller.stranger, 'udp', 53)).toBe(true);
    expect(await setup.probes.answered(caller.stranger, 'tcp', 80)).toBe(true);
    expect(await setup.udp(caller.stranger, 'x', 53)).toBe(false);
  });

  test('another load changes who is let in, and leaves the rules of others', async () => {
    const program = family === 4 ? 'iptables' : 'ip6tables';
    await run(setup.world, [program, '-A', 'INPUT', '-p', 'udp', '--dport', '9', '-j', 'DROP']);
    await setup.load({ level: 'sip' });
    expect(await setup.udp(caller.stranger)).toBe(false);
    await setup.load({ level: 'sip', permit: ['89.160.20.0/24', '2001:220::/64'], blocks: [] });
    expect(await setup.udp(caller.stranger)).toBe(true);
    expect(await setup.udp(caller.permitted)).toBe(false);
    const rules = await run(setup.world, [program, '-S', 'INPUT']);
    expect(rules.trim().split('\n')).toEqual([
      '-P INPUT ACCEPT',
      '-A INPUT -j IPCOUNTRY',
      '-A INPUT -p udp -m udp --dport 9 -j DROP',
    ]);
    await run(setup.world, [program, '-D', 'INPUT', '-p', 'udp', '--dport', '9', '-j', 'DROP']);
  });
});
