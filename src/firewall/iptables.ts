import { fault } from '../errors.ts';
import { setName } from './ipset.ts';
import { domainChain, domainRules } from './iptables-domains.ts';
import { header } from './iptables-header.ts';
import { levelRules } from './iptables-level.ts';
import { CHAINS, type Chain, toPorts } from './iptables-match.ts';
import { PARTS } from './iptables-options.ts';
import type { Plan } from './plan.ts';

/**
 * The plan as rules for `iptables-restore --noflush` (family 4) or `ip6tables-restore --noflush`
 * (6), with what nftables can't do: texts in packets. All of it is in chains of our own; a load
 * replaces them in one step and touches no other rule. The lists are sets: {@link renderIpset}.
 * @throws Fault where an option has nothing to work with
 */
export function renderIptables(plan: Plan, family: 4 | 6): string {
  const { options, domains, scanners } = plan;
  if (options.domains && domains.length === 0) throw fault('firewall-no-domains');
  if (options.scanners && scanners.length === 0) throw fault('firewall-no-scanners');
  const chains = chainsOf(plan, family);
  const lines = [
    header(plan, family),
    '*filter',
    ...Object.values(CHAINS).map((name) => `:${name} - [0:0]`),
    ...chains.flatMap(({ name, rules }) => rules.map((rule) => `-A ${name} ${rule}`)),
    'COMMIT',
  ];
  return `${lines.join('\n')}\n`;
}

function chainsOf(plan: Plan, family: 4 | 6): Chain[] {
  const parts = (Object.keys(PARTS) as (keyof typeof PARTS)[])
    .filter((name) => plan.options[name])
    .map((name) => PARTS[name](plan, family));
  const set = (list: Parameters<typeof setName>[0]) =>
    `-m set --match-set ${setName(list, family)} src`;
  const rules = [
    '-i lo -j RETURN',
    ...toPorts('tcp', plan.ports.ssh).map((packet) => `${packet} -j RETURN`),
    ...NEEDED[family].map((packet) => `${packet} -j RETURN`),
    // RETURN, never ACCEPT: what passes us is still judged by the rules behind us.
    `${set('trust')} -j RETURN`,
    `${set('block')} -j DROP`,
    `${set('deny')} -j DROP`,
    // Answers to what this server itself began. Before the options: who forges a source must not be
    // able to have our own name server locked out.
    '-m conntrack --ctstate ESTABLISHED,RELATED --ctdir REPLY -j RETURN',
    ...parts.flatMap((part) => part.rules),
    ...(plan.options.domains ? domainRules(plan) : []),
    ...levelRules(plan, family),
  ];
  return [
    { name: CHAINS.main, rules },
    ...parts.flatMap((part) => part.chains ?? []),
    ...(plan.options.domains ? [domainChain(plan, family)] : []),
  ];
}

/**
 * Without these no host stays on its network, and no SSH session: errors (packets too big above
 * all), neighbour discovery, the addresses that a DHCP server hands out.
 */
const NEEDED = {
  4: [
    ...[3, 11, 12].map((type) => `-p icmp -m icmp --icmp-type ${type}`),
    '-p udp -m udp --sport 67 --dport 68',
  ],
  6: [
    // Errors, multicast routers' questions and their answers, neighbours and routers.
    ...[1, 2, 3, 4, 130, 131, 132, 143, 133, 134, 135, 136, 137].map(
      (type) => `-p icmpv6 -m icmp6 --icmpv6-type ${type}`,
    ),
    '-p udp -m udp --sport 547 --dport 546',
  ],
} as const;
