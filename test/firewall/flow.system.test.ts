import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { type FirewallWorld, openFirewallWorld } from '../support/firewall-world.ts';
import { PBX_IPV4, PBX_IPV6 } from '../support/netns-world.ts';
import { outcome } from '../support/program.ts';

const PERMITTED = ['25.70.1.1', '2001:db8:701::1'] as const;
const STRANGER = '25.80.1.1';
const RATE = '2000';

/** Counts before all others and behind us; as everything of others, it stays as it is. */
const WITNESS = `table inet witness {
  counter came4 { }
  counter came6 { }
  counter strange { }
  counter passed4 { }
  counter passed6 { }
  counter gotin { }
  chain first {
    type filter hook prerouting priority raw; policy accept;
    ip saddr ${PERMITTED[0]} udp dport 5060 counter name came4
    ip6 saddr ${PERMITTED[1]} udp dport 5060 counter name came6
    ip saddr ${STRANGER} udp dport 5060 counter name strange
  }
  chain behind {
    type filter hook input priority filter; policy accept;
    ip saddr ${PERMITTED[0]} udp dport 5060 counter name passed4
    ip6 saddr ${PERMITTED[1]} udp dport 5060 counter name passed6
    ip saddr ${STRANGER} udp dport 5060 counter name gotin
  }
}`;

const script = (name: string) => fileURLToPath(new URL(`../support/${name}`, import.meta.url));
const piped: SpawnOptions = { stdio: ['pipe', 'pipe', 'inherit'] };

let pbx: FirewallWorld;
beforeAll(async () => {
  pbx = await openFirewallWorld([...PERMITTED, STRANGER], [4_569]);
  pbx.permit('permit', 'US');
  // Enough to make each swap last.
  pbx.database.transaction(() => {
    for (let i = 0; i < 4_000; i++) pbx.permit('permit', `20.${i >> 8}.${i & 255}.0/25`);
  })();
});
afterAll(() => pbx.close());

it('50 swaps and 5 loads lose no packet of permitted flows, and let none of a stranger in', async () => {
  await pbx.atPbx('nft', WITNESS);
  expect(await pbx.run('apply', '--level', 'sip')).toMatchObject({ code: 0 });
  expect(await pbx.run('confirm')).toMatchObject({ code: 0 });
  const rules = await pbx.atPbx('nft', '-s', 'list', 'table', 'inet', 'witness');
  const flows = await Promise.all([...PERMITTED, STRANGER].map(flowFrom));
  const swapper = [script('firewall-swapper.mjs'), inject('programFolder'), '50', '5'];
  const swaps = pbx.world.atPbx([process.execPath, ...swapper], { env: pbx.env });
  // Each changed one set, and the first filled all six.
  expect(await outcome(swaps)).toMatchObject({ code: 0, err: '', out: '50 true\n' });
  const sent = await Promise.all(flows.map(stop));

  const count = await witnessed();
  expect(Math.min(...sent)).toBeGreaterThan(2 * Number(RATE));
  expect([count['came4'], count['came6'], count['strange']]).toEqual(sent);
  expect([count['passed4'], count['passed6'], count['gotin']]).toEqual([sent[0], sent[1], 0]);
  expect(await pbx.atPbx('nft', '-s', 'list', 'table', 'inet', 'witness')).toBe(rules);
}, 180_000);

async function flowFrom(from: string): Promise<ChildProcess> {
  const to = from.includes(':') ? PBX_IPV6 : PBX_IPV4;
  const argv = [process.execPath, script('firewall-flow.mjs'), from, to, '5060', RATE];
  const flow = pbx.world.outside(argv, piped);
  await once(flow.stdout!, 'data');
  return flow;
}

/** @returns how many packets were sent */
async function stop(flow: ChildProcess): Promise<number> {
  const ended = outcome(flow);
  flow.stdin!.end();
  return Number((await ended).out);
}

async function witnessed(): Promise<Record<string, number>> {
  const text = await pbx.atPbx('nft', '-j', 'list', 'counters', 'table', 'inet', 'witness');
  const { nftables } = JSON.parse(text) as {
    nftables: { counter?: { name: string; packets: number } }[];
  };
  return Object.fromEntries(nftables.flatMap(({ counter: c }) => (c ? [[c.name, c.packets]] : [])));
}
