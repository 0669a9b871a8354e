import { settingsOf } from '../../asterisk/index.ts';
import { accounts, sipGeneral } from '../accounts/index.ts';
import { type Check, type Finding, placed } from '../check.ts';
import { guestEntrances } from '../entrances.ts';
import { someOf } from '../names.ts';
import type { Pbx } from '../pbx.ts';
import { screens } from '../screens.ts';

const domain: Check = {
  id: 'SIP-190',
  severity: 'low',
  title: 'Scanners need not know a name of this PBX',
  why: 'Scanners know the address of a PBX, seldom a name. Where calls and registrations must name one, most of what they try fails before anything else counts.',
  mend: "Registrations at chan_sip: domain=sip.example.com in sip.conf, [general], a name that only your phones know, and set it in the phones as their registrar (FreePBX: Settings → Asterisk SIP Settings → SIP Legacy Settings [chan_sip] → Other SIP Settings). Anonymous calls: 'ipcountry domain add sip.example.com'.",
  async run(pbx) {
    return [...(await ofRegistrations(pbx)), ...(await ofCalls(pbx))];
  },
};

/** PJSIP asks registrations for no name. */
async function ofRegistrations(pbx: Pbx): Promise<Finding[]> {
  const general = sipGeneral(pbx);
  if (general && settingsOf(general, 'domain').length > 0) return [];
  const phones = (await accounts(pbx)).filter(
    ({ technology, registers, open }) => technology === 'SIP' && registers && open.length > 0,
  );
  if (phones.length === 0) return [];
  return [
    {
      where: general ? placed(general, 'general') : 'sip.conf',
      found: `no domain, and accounts that register from anywhere: ${someOf(phones.map(({ name }) => name))}`,
    },
  ];
}

/** Where nothing screens them, a name would help little: SIP-100. */
async function ofCalls(pbx: Pbx): Promise<Finding[]> {
  // What ipcountry takes here says nothing of another host's files.
  if (pbx.host === undefined || pbx.own.domains === undefined || pbx.own.domains.length > 0)
    return [];
  for (const { context, where } of await guestEntrances(pbx)) {
    if (await screens(pbx, context)) {
      return [
        { where, found: 'anonymous calls are taken under any name: ipcountry has no domain' },
      ];
    }
  }
  return [];
}

export const checks: readonly Check[] = [domain];
