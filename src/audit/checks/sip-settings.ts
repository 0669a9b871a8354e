import { isPrivate, parseAddress } from '../../address/index.ts';
import { type Setting, settingOf, settingsOf, truth } from '../../asterisk/index.ts';
import { listed, pjsipListens, pjsipObjects, sipGeneral, sipListens } from '../accounts/index.ts';
import { type Check, placed } from '../check.ts';
import { isLoaded } from '../modules.ts';
import type { Pbx } from '../pbx.ts';

const wide: Check = {
  id: 'SIP-110',
  severity: 'high',
  title: 'Callers of half the Internet are taken for a trunk',
  why: 'An identify tells a trunk by the address that a call comes from, and asks for no password. Whoever has an address in it calls as that trunk.',
  mend: "In the identify's match name the provider's addresses alone (FreePBX: Connectivity → Trunks → the trunk → pjsip Settings → Advanced → Match (Permit)), or give the endpoint an auth.",
  async run(pbx) {
    if (!(await isLoaded(pbx, 'res_pjsip'))) return [];
    const objects = pjsipObjects(pbx);
    if (pjsipListens(pbx, objects).length === 0) return [];
    return objects.ofType('identify').flatMap((identify) => {
      const name = settingOf(identify, 'endpoint')?.value ?? '';
      const endpoint = objects.find('endpoint', name);
      if (!endpoint || listed(endpoint, 'auth').length > 0) return [];
      return settingsOf(identify, 'match').flatMap((setting) =>
        networksOf(setting).map((network) => ({
          where: placed(setting, identify.name),
          found: `${network} is taken for [${name}], and no password is asked`,
        })),
      );
    });
  },
};

/** More than a provider has: as the guard spares no wider network as a trunk's. */
const WIDEST = { 4: 16, 6: 32 } as const;

/** Networks of a `match` that are too wide: `0.0.0.0/0`, `203.0.0.0/255.0.0.0`. */
function networksOf({ value }: Setting): string[] {
  return value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => {
      const [base = '', mask] = part.replace(/^!/, '').split('/');
      const address = parseAddress(base);
      if (!address || mask === undefined || part.startsWith('!')) return false;
      const wide = bitsOf(mask) < WIDEST[address.family];
      return wide && (bitsOf(mask) === 0 || !isPrivate(address));
    });
}

function bitsOf(mask: string): number {
  if (/^\d+$/.test(mask)) return Number(mask);
  const ones = mask.split('.').map((byte) => Number(byte).toString(2).replaceAll('0', '').length);
  return ones.reduce((sum, count) => sum + count, 0);
}

const self: Check = {
  id: 'SIP-120',
  severity: 'high',
  title: 'Accounts are made for whoever registers',
  why: 'With autocreatepeer, chan_sip takes any registration without a password, under any name, and calls of it begin in the context of [general].',
  mend: 'Take autocreatepeer out of sip.conf, [general].',
  run: (pbx) =>
    inGeneral(
      pbx,
      'autocreatepeer',
      (value) => truth(value) === true || /^(persist|volatile)$/i.test(value),
    ),
};

const tells: Check = {
  id: 'SIP-130',
  severity: 'medium',
  title: 'Scanners are told which extensions exist',
  why: 'With alwaysauthreject=no, chan_sip answers a wrong name otherwise than a wrong password. A scanner finds all extensions within minutes, and only then tries passwords.',
  mend: 'alwaysauthreject=yes in sip.conf, [general], or leave it out: yes is the default. FreePBX: Settings → Asterisk SIP Settings → SIP Legacy Settings [chan_sip] → Other SIP Settings.',
  run: (pbx) => inGeneral(pbx, 'alwaysauthreject', (value) => truth(value) !== true),
};

/** A setting of sip.conf, [general], that is wrong where it has such a value. */
async function inGeneral(pbx: Pbx, name: string, isWrong: (value: string) => boolean) {
  if (!(await isLoaded(pbx, 'chan_sip'))) return [];
  const general = sipGeneral(pbx);
  const setting = general && settingOf(general, name);
  if (!setting || !isWrong(setting.value) || sipListens(general).length === 0) return [];
  return [{ where: placed(setting, 'general'), found: `${name}=${setting.value}` }];
}

export const checks: readonly Check[] = [wide, self, tells];
