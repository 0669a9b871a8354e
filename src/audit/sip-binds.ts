import {
  pjsipObjects,
  type SipBind,
  sipConfBinds,
  sipGeneral,
  transportBind,
} from './accounts/index.ts';
import { isLoaded } from './modules.ts';
import type { Pbx } from './pbx.ts';

/** Sockets of the SIP drivers that are loaded. WebSockets are the HTTP server's. */
export async function sipBinds(pbx: Pbx): Promise<SipBind[]> {
  const [pjsip, sip] = await Promise.all([isLoaded(pbx, 'res_pjsip'), isLoaded(pbx, 'chan_sip')]);
  const general = sip ? sipGeneral(pbx) : undefined;
  return [
    ...(pjsip ? pjsipObjects(pbx).ofType('transport').flatMap(transportBind) : []),
    ...(general ? sipConfBinds(general) : []),
  ];
}
