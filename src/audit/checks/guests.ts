import { type Section, settingOf, truth } from '../../asterisk/index.ts';
import {
  type Account,
  anonymousEndpoints,
  iaxAccounts,
  listed,
  pjsipListens,
  pjsipObjects,
  sipGeneral,
  sipListens,
} from '../accounts/index.ts';
import { type Check, type Finding, placed } from '../check.ts';
import { isLoaded } from '../modules.ts';
import type { Pbx } from '../pbx.ts';
import { screens } from '../screens.ts';

const guests: Check = {
  id: 'SIP-100',
  severity: 'medium',
  title: 'Calls of nobody known are taken',
  why: 'Scanners all over the Internet try such calls day and night. Each costs a channel, rings phones at night, and dials wherever the context leads.',
  mend: "Nobody is to call you by SIP without an account: allowguest=no in sip.conf, [general]; in pjsip.conf take out the endpoint anonymous; give the sections of iax.conf a secret. FreePBX: Settings → Asterisk SIP Settings → Allow SIP Guests: No. Somebody is: let ipcountry screen the context ('ipcountry dialplan install').",
  async run(pbx) {
    return [
      ...((await isLoaded(pbx, 'chan_sip')) ? ofSip(pbx) : []),
      ...((await isLoaded(pbx, 'res_pjsip')) ? await ofPjsip(pbx) : []),
      ...((await isLoaded(pbx, 'chan_iax2')) ? ofIax(pbx) : []),
    ];
  },
};

/** chan_sip takes them unless told otherwise. */
function ofSip(pbx: Pbx): Finding[] {
  if (!pbx.conf('sip.conf').found) return [];
  const general = sipGeneral(pbx);
  if (sipListens(general).length === 0) return [];
  const setting = general && settingOf(general, 'allowguest');
  if (setting && truth(setting.value) !== true) return [];
  const context = (general && settingOf(general, 'context')?.value) || 'default';
  const place = setting ?? general;
  const where = place ? placed(place, 'general') : 'sip.conf';
  return found(
    pbx,
    where,
    setting ? 'allowguest is on' : 'allowguest is not set, which means yes',
    context,
  );
}

async function ofPjsip(pbx: Pbx): Promise<Finding[]> {
  if (!(await isLoaded(pbx, 'res_pjsip_endpoint_identifier_anonymous'))) return [];
  const objects = pjsipObjects(pbx);
  if (pjsipListens(pbx, objects).length === 0) return [];
  return anonymousEndpoints(objects)
    .filter((section) => listed(section, 'auth').length === 0)
    .flatMap((section) =>
      found(
        pbx,
        placed(section, section.name),
        'an endpoint for anonymous callers',
        contextOf(section),
      ),
    );
}

/** To chan_iax2 any user without a secret is one for callers who name none. */
function ofIax(pbx: Pbx): Finding[] {
  return iaxAccounts(pbx)
    .filter(({ named, hasSecret, open }: Account) => named && !hasSecret && open.length > 0)
    .flatMap(({ where, context }) => found(pbx, where, 'a user without a secret', context));
}

function contextOf(section: Section): string {
  return settingOf(section, 'context')?.value || 'default';
}

function found(pbx: Pbx, where: string, what: string, context: string): Finding[] {
  if (screens(pbx, context)) return [];
  const text = `${what}: calls from anybody begin in [${context}]`;
  if (!isFreepbxRefusal(pbx, context)) return [{ where, found: text }];
  const refused = `${text}, where FreePBX answers them only to say that the number is not in service`;
  return [{ where, found: refused, severity: 'low' }];
}

/** FreePBX's context of anonymous calls asks the global that the GUI's "Allow Anonymous Inbound SIP Calls" sets. */
function isFreepbxRefusal(pbx: Pbx, context: string): boolean {
  if (pbx.kind !== 'freepbx' || context !== 'from-sip-external') return false;
  const allow = pbx
    .conf('extensions.conf')
    .sections.filter(({ name }) => name === 'globals')
    .map((section) => settingOf(section, 'ALLOW_SIP_ANON')?.value);
  return allow.findLast((value) => value !== undefined) !== 'yes';
}

export const checks: readonly Check[] = [guests];
