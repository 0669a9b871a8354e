import { permitted, toPorts, unpermitted } from './iptables-match.ts';
import type { Plan } from './plan.ts';

/** What the level shuts to all but permit: the end of our chain. */
export function levelRules({ level, ports }: Plan, family: 4 | 6): string[] {
  switch (level) {
    case 'blocks':
      return [];
    case 'sip':
      return [
        ...toPorts('udp', [...ports.sip, ...ports.iax, ...ports.rtp]),
        ...toPorts('tcp', [...ports.sip, ...ports.websocket]),
      ].map((packet) => `${packet} ${unpermitted(family)} -j DROP`);
    case 'server':
      return [`${PING[family]} -j RETURN`, `${permitted(family)} -j RETURN`, '-j DROP'];
  }
}

const PING = {
  4: '-p icmp -m icmp --icmp-type echo-request',
  6: '-p icmpv6 -m icmp6 --icmpv6-type echo-request',
} as const;
