import { settingOf } from '../../asterisk/index.ts';
import {
  iaxAccounts,
  pjsipAccounts,
  pjsipObjects,
  sipAccounts,
  sipGeneral,
} from '../accounts/index.ts';
import { isLoopback } from '../bind.ts';
import type { Check, Finding } from '../check.ts';
import { isLoaded } from '../modules.ts';
import type { ListeningSocket, Pbx } from '../pbx.ts';
import { isShut } from '../shut.ts';

interface Driver {
  readonly module: string;
  /** Without this file it does not start. */
  readonly file: string;
  readonly protocol: ListeningSocket['protocol'];
  readonly port: number;
  /** What it is for. */
  readonly what: string;
  used(pbx: Pbx): boolean;
}

const DRIVERS: readonly Driver[] = [
  {
    ...driver('chan_skinny', 'skinny.conf', 'tcp', 2000, 'Cisco phones'),
    used: hasType('skinny.conf'),
  },
  {
    ...driver('chan_mgcp', 'mgcp.conf', 'udp', 2427, 'MGCP gateways'),
    used: hasDevices('mgcp.conf'),
  },
  {
    ...driver('chan_unistim', 'unistim.conf', 'udp', 5000, 'Nortel phones'),
    used: hasDevices('unistim.conf'),
  },
  {
    ...driver('pbx_dundi', 'dundi.conf', 'udp', 4520, 'DUNDi peers'),
    used: hasDevices('dundi.conf'),
  },
  { ...driver('chan_ooh323', 'ooh323.conf', 'tcp', 1720, 'H.323'), used: hasType('ooh323.conf') },
  { ...driver('chan_iax2', 'iax.conf', 'udp', 4569, 'IAX2 phones and trunks'), used: usesIax },
];

const drivers: Check = {
  id: 'MOD-100',
  severity: 'low',
  title: 'Channel drivers that nobody uses',
  why: 'Each driver that listens is code that a stranger can reach, and several have had holes that needed no password.',
  mend: 'In modules.conf: noload = chan_skinny.so, and so on. FreePBX: Admin → Asterisk Modules → Excluded Modules. Then restart Asterisk.',
  async run(pbx) {
    const findings: Finding[] = [];
    for (const { module, file, protocol, port, what, used } of DRIVERS) {
      if (!pbx.conf(file).found || used(pbx) || !(await isLoaded(pbx, module))) continue;
      const open = listens(pbx, protocol, port);
      findings.push({
        where: module,
        found: `loaded${open ? `, listens on ${protocol.toUpperCase()} port ${port}` : ''}; ${file} has no ${what}`,
        severity: open ? 'medium' : 'low',
      });
    }
    return findings;
  },
};

const twins: Check = {
  id: 'MOD-110',
  severity: 'low',
  title: 'Two SIP drivers, and one of them without accounts',
  why: 'chan_sip and PJSIP each open ports of their own. One that has no accounts serves scanners alone, and chan_sip gets no mending any more.',
  mend: 'In modules.conf: noload = chan_sip.so (or chan_pjsip.so). FreePBX: Settings → Advanced Settings → SIP Channel Driver. Then restart Asterisk.',
  async run(pbx) {
    const both = (await isLoaded(pbx, 'chan_sip')) && (await isLoaded(pbx, 'chan_pjsip'));
    if (!both || !pbx.conf('sip.conf').found || !pbx.conf('pjsip.conf').found) return [];
    const unused = [
      ...(usesSip(pbx)
        ? []
        : [{ where: 'chan_sip', found: 'loaded, and sip.conf has no accounts' }]),
      ...(usesPjsip(pbx)
        ? []
        : [{ where: 'chan_pjsip', found: 'loaded, and pjsip.conf has no endpoints' }]),
    ];
    return unused.length === 1 ? unused : []; // a PBX that is not set up yet has none of either
  },
};

export const checks: readonly Check[] = [drivers, twins];

function driver(
  module: string,
  file: string,
  protocol: Driver['protocol'],
  port: number,
  what: string,
) {
  return { module, file, protocol, port, what };
}

/** Sections that are settings of the driver itself, with whatever they hold. */
const OWN_SECTIONS = ['general', 'lines', 'devices', 'mappings', 'globals'];

function hasDevices(file: string): Driver['used'] {
  return (pbx) =>
    pbx
      .conf(file)
      .sections.some(
        ({ name, template }) => !template && !OWN_SECTIONS.includes(name.toLowerCase()),
      );
}

function hasType(file: string): Driver['used'] {
  return (pbx) =>
    pbx
      .conf(file)
      .sections.some((section) => !section.template && settingOf(section, 'type') !== undefined);
}

function usesIax(pbx: Pbx): boolean {
  const general = pbx
    .conf('iax.conf')
    .sections.find(({ name }) => name.toLowerCase() === 'general');
  return (
    iaxAccounts(pbx).length > 0 ||
    (general !== undefined && settingOf(general, 'register') !== undefined)
  );
}

function usesSip(pbx: Pbx): boolean {
  const general = sipGeneral(pbx);
  return (
    sipAccounts(pbx).length > 0 ||
    (general !== undefined && settingOf(general, 'register') !== undefined)
  );
}

function usesPjsip(pbx: Pbx): boolean {
  return pjsipAccounts(pbx).length > 0 || pjsipObjects(pbx).ofType('registration').length > 0;
}

/** Whether strangers reach it. */
function listens({ host, own }: Pbx, protocol: Driver['protocol'], port: number): boolean {
  return (
    host !== undefined &&
    !isShut(own, { protocol, port }) &&
    host
      .listening()
      .some(
        (socket) =>
          socket.protocol === protocol && socket.port === port && !isLoopback(socket.address),
      )
  );
}
