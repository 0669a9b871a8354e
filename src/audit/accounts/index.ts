import { isLoaded } from '../modules.ts';
import type { Pbx } from '../pbx.ts';
import type { Account } from './account.ts';
import { iaxAccounts } from './iax.ts';
import { pjsipAccounts } from './pjsip.ts';
import { sipAccounts } from './sip.ts';

export type { Account, Secret, Technology } from './account.ts';
export { type SipBind, sipConfBinds, transportBind } from './binds.ts';
export { iaxAccounts } from './iax.ts';
export { iaxListens, pjsipListens, sipListens } from './listens.ts';
export { anonymousEndpoints, pjsipAccounts } from './pjsip.ts';
export { listed, type PjsipObjects, pjsipObjects } from './pjsip-objects.ts';
export { insecure, ofUsersConf, sipAccounts, sipGeneral } from './sip.ts';

/** Every phone and trunk of the channel drivers that are loaded, in the order of their files. */
export async function accounts(pbx: Pbx): Promise<Account[]> {
  const [sip, pjsip, iax] = await Promise.all([
    isLoaded(pbx, 'chan_sip'),
    isLoaded(pbx, 'res_pjsip'),
    isLoaded(pbx, 'chan_iax2'),
  ]);
  return [
    ...(pjsip ? pjsipAccounts(pbx) : []),
    ...(sip ? sipAccounts(pbx) : []),
    ...(iax ? iaxAccounts(pbx) : []),
  ];
}
