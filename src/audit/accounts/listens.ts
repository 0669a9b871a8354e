import { type Section, settingOf, settingsOf, truth } from '../../asterisk/index.ts';
import { bindOf, type Family } from '../bind.ts';
import type { Pbx } from '../pbx.ts';
import type { PjsipObjects } from './pjsip-objects.ts';

/** The families of addresses from which chan_sip can be reached; without a word, IPv4. */
export function sipListens(general: Section | undefined): readonly Family[] {
  const value = (...names: string[]) => general && settingsOf(general, ...names).at(-1)?.value;
  const on = (name: string) => truth(value(name)) === true;
  const udp = value('bindaddr', 'udpbindaddr') ?? ANY;
  return familiesOf([
    udp,
    ...(on('tcpenable') ? [value('tcpbindaddr') ?? udp] : []),
    ...(on('tlsenable') ? [value('tlsbindaddr') ?? udp] : []),
  ]);
}

/** Those of PJSIP's transports; both where none is seen. */
export function pjsipListens(objects: PjsipObjects): readonly Family[] {
  const transports = objects.ofType('transport');
  if (transports.length === 0) return [4, 6];
  return familiesOf(transports.map((section) => settingOf(section, 'bind')?.value ?? ANY));
}

/** Those of chan_iax2; without a word, IPv4. */
export function iaxListens(pbx: Pick<Pbx, 'conf'>): readonly Family[] {
  const binds = pbx
    .conf('iax.conf')
    .sections.filter(({ name, template }) => !template && /^general$/i.test(name))
    .flatMap((section) => settingsOf(section, 'bindaddr'));
  return familiesOf(binds.length > 0 ? binds.map(({ value }) => value) : [ANY]);
}

const ANY = '0.0.0.0';

function familiesOf(addresses: readonly string[]): Family[] {
  // Port and place are not asked for here.
  return [...new Set(addresses.flatMap((address) => bindOf(address, 0, '').families))].sort();
}
