import { type Section, settingOf, settingsOf, truth } from '../asterisk/index.ts';
import {
  type Account,
  accounts,
  anonymousEndpoints,
  iaxAccounts,
  listed,
  pjsipListens,
  pjsipObjects,
  sipGeneral,
  sipListens,
} from './accounts/index.ts';
import { placed } from './check.ts';
import { isLoaded } from './modules.ts';
import type { Pbx } from './pbx.ts';

/** Where calls come into the dialplan. */
export interface Entrance {
  readonly context: string;
  /** `sip.conf:3 [general]`. */
  readonly where: string;
  /** Whose calls: `an endpoint for anonymous callers`; empty for those that show who they are. */
  readonly what: string;
}

/** Where calls of nobody known come in, which nothing but the dialplan keeps from anywhere. */
export async function guestEntrances(pbx: Pbx): Promise<Entrance[]> {
  return [
    ...((await isLoaded(pbx, 'chan_sip')) ? ofSip(pbx) : []),
    ...((await isLoaded(pbx, 'res_pjsip')) ? await ofPjsip(pbx) : []),
    ...((await isLoaded(pbx, 'chan_iax2')) ? ofIax(pbx) : []),
  ];
}

/** chan_sip takes them unless told otherwise. */
function ofSip(pbx: Pbx): Entrance[] {
  if (!pbx.conf('sip.conf').found) return [];
  const general = sipGeneral(pbx);
  if (sipListens(general).length === 0) return [];
  const setting = general && settingOf(general, 'allowguest');
  if (setting && truth(setting.value) !== true) return [];
  const context = (general && settingOf(general, 'context')?.value) || 'default';
  const place = setting ?? general;
  const where = place ? placed(place, 'general') : 'sip.conf';
  const what = setting ? 'allowguest is on' : 'allowguest is not set, which means yes';
  // `domain=example.com,context`: calls to that name begin there.
  const domains = (general ? settingsOf(general, 'domain') : []).flatMap((domain) => {
    const named = domain.value.split(',')[1]?.trim();
    return named ? [{ context: named, where: placed(domain, 'general'), what }] : [];
  });
  return [{ context, where, what }, ...domains];
}

async function ofPjsip(pbx: Pbx): Promise<Entrance[]> {
  if (!(await isLoaded(pbx, 'res_pjsip_endpoint_identifier_anonymous'))) return [];
  const objects = pjsipObjects(pbx);
  if (pjsipListens(pbx, objects).length === 0) return [];
  return anonymousEndpoints(objects)
    .filter((section) => listed(section, 'auth').length === 0)
    .map((section) => ({
      context: contextOf(section),
      where: placed(section, section.name),
      what: 'an endpoint for anonymous callers',
    }));
}

/** To chan_iax2 any user without a secret is one for callers who name none. */
function ofIax(pbx: Pbx): Entrance[] {
  return iaxAccounts(pbx)
    .filter(({ named, hasSecret, open }: Account) => named && !hasSecret && open.length > 0)
    .map(({ where, context }) => ({ context, where, what: 'a user without a secret' }));
}

function contextOf(section: Section): string {
  return settingOf(section, 'context')?.value || 'default';
}

/** Where calls of anybody come in: of those who say no name, and of those who only say a phone's. */
export async function strangerEntrances(pbx: Pbx): Promise<Entrance[]> {
  const phones = (await accounts(pbx)).filter(
    (account) => account.role === 'phone' && isOpen(account),
  );
  return unique([
    ...(await guestEntrances(pbx)),
    ...phones.map(({ context, where }) => ({ context, where, what: OPEN })),
  ]);
}

const OPEN = 'anybody may call as it without a password';

/** Of IAX2 such accounts are among the guests. */
function isOpen({ technology, named, asksCalls, open }: Account): boolean {
  return technology !== 'IAX2' && named && !asksCalls && open.length > 0;
}

/** Each context once. */
function unique(entrances: readonly Entrance[]): Entrance[] {
  return [...new Map([...entrances].reverse().map((one) => [one.context, one])).values()].reverse();
}

/**
 * Where the calls of accounts of one kind come in, each context once, by an account that anybody may
 * call as, if there is one.
 */
export async function accountEntrances(pbx: Pbx, role: Account['role']): Promise<Entrance[]> {
  const some = (await accounts(pbx)).filter((account) => account.role === role);
  const closed = some.filter((account) => !isOpen(account));
  return unique([
    ...some.filter(isOpen).map(({ context, where }) => ({ context, where, what: OPEN })),
    ...closed.map(({ context, where }) => ({ context, where, what: '' })),
  ]);
}
