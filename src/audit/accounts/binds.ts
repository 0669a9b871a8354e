import { type Section, settingOf, truth } from '../../asterisk/index.ts';
import { type Bind, bindOf } from '../bind.ts';
import { placed } from '../check.ts';

/** Where a driver speaks SIP. */
export interface SipBind extends Bind {
  readonly protocol: 'udp' | 'tcp';
  readonly transport: 'udp' | 'tcp' | 'tls';
}

const PORTS = { udp: 5060, tcp: 5060, tls: 5061 } as const;

/** Of a transport of PJSIP; none for WebSockets, which are the HTTP server's. */
export function transportBind(section: Section): SipBind[] {
  const transport = settingOf(section, 'protocol')?.value.toLowerCase() ?? 'udp';
  const address = settingOf(section, 'bind');
  if ((transport !== 'udp' && transport !== 'tcp' && transport !== 'tls') || !address) return [];
  return [sipBind(transport, address.value, PORTS[transport], placed(section, section.name))];
}

/**
 * Of [general] of sip.conf, as chan_sip's reload_config has it: always UDP; TCP and TLS at the same
 * address where nothing else is said.
 */
export function sipConfBinds(general: Section): SipBind[] {
  const value = (name: string) => settingOf(general, name)?.value;
  const where = (name: string) => placed(settingOf(general, name) ?? general, general.name);
  const addressName = value('udpbindaddr') === undefined ? 'bindaddr' : 'udpbindaddr';
  const bound = bindOf(value(addressName) ?? '0.0.0.0', PORTS.udp, '');
  const { address } = bound;
  const port = Number(value('bindport') ?? bound.port);
  const udp = sipBind('udp', address, port, where(addressName));
  const tcp = sipBind(
    'tcp',
    value('tcpbindaddr') ?? address,
    value('tcpbindaddr') ? PORTS.tcp : port,
    where('tcpenable'),
  );
  const tls = sipBind('tls', value('tlsbindaddr') ?? address, PORTS.tls, where('tlsenable'));
  const tcpEnabled = value('tcpenable') !== undefined && truth(value('tcpenable')) !== false;
  return [udp, ...(tcpEnabled ? [tcp] : []), ...(truth(value('tlsenable')) === true ? [tls] : [])];
}

function sipBind(
  transport: SipBind['transport'],
  text: string,
  port: number,
  where: string,
): SipBind {
  return {
    ...bindOf(text, port, where),
    protocol: transport === 'udp' ? 'udp' : 'tcp',
    transport,
  };
}
