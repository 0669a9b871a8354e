import { isLoopback } from '../../address/index.ts';
import { pjsipAccounts, pjsipObjects, sipAccounts } from '../accounts/index.ts';
import type { Check, Finding } from '../check.ts';
import { DRIVERS, type Driver, registers } from '../drivers.ts';
import { isLoaded } from '../modules.ts';
import type { Pbx } from '../pbx.ts';
import { isShut } from '../shut.ts';

const drivers: Check = {
  id: 'MOD-100',
  severity: 'low',
  title: 'Channel drivers that nobody uses',
  why: 'Each driver that listens is code that a stranger can reach, and several have had holes that needed no password.',
  mend: 'In modules.conf: noload = chan_skinny.so, and so on. FreePBX: Admin → Asterisk Modules → Excluded Modules. Then restart Asterisk.',
  async run(pbx) {
    const findings: Finding[] = [];
    for (const driver of DRIVERS) {
      const { module, file, protocol, port, what } = driver;
      if (!pbx.conf(file).found || driver.used(pbx) || !(await isLoaded(pbx, module))) continue;
      const open = isOpen(pbx, driver);
      const listens = open ? `, listens on ${protocol.toUpperCase()} port ${port}` : '';
      findings.push({
        where: module,
        found: `loaded${listens}; ${file} has no ${what}`,
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
    const unused: Finding[] = [];
    if (!usesSip(pbx)) {
      unused.push({ where: 'chan_sip', found: 'loaded, and sip.conf has no accounts' });
    }
    if (!usesPjsip(pbx)) {
      unused.push({ where: 'chan_pjsip', found: 'loaded, and pjsip.conf has no endpoints' });
    }
    return unused.length === 1 ? unused : []; // a PBX that is not set up yet has none of either
  },
};

export const checks: readonly Check[] = [drivers, twins];

function usesSip(pbx: Pbx): boolean {
  return sipAccounts(pbx).length > 0 || pbx.conf('sip.conf').sections.some(registers);
}

function usesPjsip(pbx: Pbx): boolean {
  return pjsipAccounts(pbx).length > 0 || pjsipObjects(pbx).ofType('registration').length > 0;
}

/** Whether strangers reach it. */
function isOpen({ host, own }: Pbx, { protocol, port }: Driver): boolean {
  if (!host || isShut(own, { protocol, port })) return false;
  return host
    .listening()
    .some(
      (socket) =>
        socket.protocol === protocol && socket.port === port && !isLoopback(socket.address),
    );
}
