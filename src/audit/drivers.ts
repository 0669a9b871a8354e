import { type Section, settingOf } from '../asterisk/index.ts';
import { iaxAccounts } from './accounts/index.ts';
import type { ListeningSocket, Pbx } from './pbx.ts';

/** A channel driver with a port of its own, beside those of SIP. */
export interface Driver extends Pick<ListeningSocket, 'protocol' | 'port'> {
  readonly module: string;
  /** Without this file it does not start. */
  readonly file: string;
  /** Whom it is for. */
  readonly what: string;
  used(pbx: Pbx): boolean;
}

export const DRIVERS: readonly Driver[] = [
  driver('chan_skinny', 'skinny.conf', 'tcp', 2000, 'Cisco phones', isTyped),
  driver('chan_mgcp', 'mgcp.conf', 'udp', 2427, 'MGCP gateways', isDevice),
  driver('chan_unistim', 'unistim.conf', 'udp', 5000, 'Nortel phones', isDevice),
  driver('pbx_dundi', 'dundi.conf', 'udp', 4520, 'DUNDi peers', isDevice),
  driver('chan_ooh323', 'ooh323.conf', 'tcp', 1720, 'H.323 peers', isTyped),
  {
    ...driver('chan_iax2', 'iax.conf', 'udp', 4569, 'IAX2 phones and trunks', registers),
    used: (pbx) => iaxAccounts(pbx).length > 0 || pbx.conf('iax.conf').sections.some(registers),
  },
];

/** @param isUse whether a section of its file is somebody who uses it */
function driver(
  module: string,
  file: string,
  protocol: Driver['protocol'],
  port: number,
  what: string,
  isUse: (section: Section) => boolean,
): Driver {
  const used = (pbx: Pbx) =>
    pbx.conf(file).sections.some((section) => !section.template && isUse(section));
  return { module, file, protocol, port, what, used };
}

/** Sections that are settings of a driver itself. */
const OWN = ['general', 'lines', 'devices', 'mappings'];

function isDevice({ name }: Section): boolean {
  return !OWN.includes(name.toLowerCase());
}

function isTyped(section: Section): boolean {
  return settingOf(section, 'type') !== undefined;
}

/** Whether it has this PBX register with others. */
export function registers(section: Section): boolean {
  return section.name.toLowerCase() === 'general' && settingOf(section, 'register') !== undefined;
}
