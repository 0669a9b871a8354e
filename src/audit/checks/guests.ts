import { settingOf } from '../../asterisk/index.ts';
import type { Check, Finding } from '../check.ts';
import { type Entrance, guestEntrances } from '../entrances.ts';
import type { Pbx } from '../pbx.ts';
import { screens } from '../screens.ts';

const guests: Check = {
  id: 'SIP-100',
  severity: 'medium',
  title: 'Calls of nobody known are taken',
  why: 'Scanners all over the Internet try such calls day and night. Each costs a channel, rings phones at night, and dials wherever the context leads.',
  mend: "Nobody is to call you by SIP without an account: allowguest=no in sip.conf, [general]; in pjsip.conf take out the endpoint anonymous; give the sections of iax.conf a secret. FreePBX: Settings → Asterisk SIP Settings → Allow SIP Guests: No. Somebody is: let ipcountry screen the context ('ipcountry dialplan install').",
  async run(pbx) {
    const findings = await Promise.all(
      (await guestEntrances(pbx)).map((entrance) => found(pbx, entrance)),
    );
    return findings.flat();
  },
};

async function found(pbx: Pbx, { where, what, context }: Entrance): Promise<Finding[]> {
  if (await screens(pbx, context)) return [];
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
