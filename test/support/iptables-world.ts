import { once } from 'node:events';
import { afterAll, beforeAll, describe } from 'vitest';
import { versionUnderTest } from './asterisk-lab.ts';
import { planOf } from './firewall-plan.ts';
import { openWorld, type World } from './netns-world.ts';
import { openProbes, type Probes } from './probe.ts';
import { loadPlan, run } from './probe-iptables.ts';

export const CALLERS = {
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
export const STRANGERS_OTHER = '2001:220::6';
export const FAMILIES = [4, 6] as const;

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

export interface Setup {
  readonly world: World;
  readonly probes: Probes;
  /** Loads a plan, all that the kernel remembers of sources forgotten. */
  load(plan: Parameters<typeof planOf>[0]): Promise<void>;
  udp(from: string, text?: string, port?: number): Promise<boolean>;
  tcp(from: string, port: number, text?: string): Promise<boolean>;
}

/**
 * Tests for IPv4 and IPv6 that send real packets against rules in the kernel. No Asterisk in it:
 * once is enough.
 */
export function describeIptables(
  tests: (setup: Setup, family: 4 | 6, caller: (typeof CALLERS)[4 | 6]) => void,
): void {
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
    const setup: Setup = {
      get world() {
        return world;
      },
      get probes() {
        return probes;
      },
      async load(plan) {
        await loadPlan(world, planOf({ ...LISTS, domains: DOMAINS, scanners: SCANNERS, ...plan }));
        const forget = 'for l in /proc/net/xt_recent/*; do [ ! -e $l ] || echo / > $l; done';
        await run(world, ['sh', '-c', forget]);
      },
      udp: (from, text, port = 5060) =>
        probes.arrives({ from, transport: 'udp', port, ...(text !== undefined && { text }) }),
      tcp: (from, port, text) =>
        probes.arrives({ from, transport: 'tcp', port, ...(text !== undefined && { text }) }),
    };
    describe.each(FAMILIES)('IPv%s', (family) => tests(setup, family, CALLERS[family]));
  });
}

/** Sets how long a packet on the cable can be. */
export async function narrow(world: World, bytes: number): Promise<void> {
  for (const enter of [world.atPbx, world.outside]) {
    await once(enter(['ip', 'link', 'set', 'cable', 'mtu', String(bytes)]), 'close');
  }
}
