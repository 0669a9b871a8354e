import type { ListeningSocket, Own } from './pbx.ts';

/** Whether ipcountry's firewall keeps strangers' packets from a port. @throws Fault */
export function isShut(
  own: Own,
  { protocol, port }: Pick<ListeningSocket, 'protocol' | 'port'>,
): boolean {
  if (own.firewall !== 'sip') return own.firewall === 'server';
  const others = protocol === 'udp' ? own.iaxPorts : own.websocketPorts;
  return [...own.sipPorts, ...others].some((range) => {
    const [first, last = first] = range.split('-').map(Number);
    return first !== undefined && last !== undefined && first <= port && port <= last;
  });
}
