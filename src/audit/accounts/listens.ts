import { type Section, settingsOf } from '../../asterisk/index.ts';
import { type Bind, bindOf, type Family } from '../bind.ts';
import { httpOf } from '../http.ts';
import type { Pbx } from '../pbx.ts';
import { sipConfBinds, transportBind } from './binds.ts';
import type { PjsipObjects } from './pjsip-objects.ts';

/** The families of addresses from which chan_sip can be reached; without a word, IPv4. */
export function sipListens(general: Section | undefined): readonly Family[] {
  return general ? familiesOf(sipConfBinds(general)) : [4];
}

/** Those of PJSIP's transports, a WebSocket's being the HTTP server's; both where none is seen. */
export function pjsipListens(pbx: Pick<Pbx, 'conf'>, objects: PjsipObjects): readonly Family[] {
  const binds = objects.ofType('transport').map(transportBind);
  if (binds.length === 0) return [4, 6];
  const web = binds.some(({ length }) => length === 0) ? httpOf(pbx)?.binds : undefined;
  return familiesOf([...binds.flat(), ...(web ?? [])]);
}

/** Those of chan_iax2; without a word, IPv4. */
export function iaxListens(pbx: Pick<Pbx, 'conf'>): readonly Family[] {
  const binds = pbx
    .conf('iax.conf')
    .sections.filter(({ name, template }) => !template && /^general$/i.test(name))
    .flatMap((section) => settingsOf(section, 'bindaddr'));
  return binds.length > 0 ? familiesOf(binds.map(({ value }) => bindOf(value, 4569, ''))) : [4];
}

function familiesOf(binds: readonly Bind[]): Family[] {
  return [...new Set(binds.flatMap(({ families }) => families))].sort();
}
