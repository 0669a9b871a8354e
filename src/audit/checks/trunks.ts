import { type Setting, settingOf } from '../../asterisk/index.ts';
import { type Account, accounts } from '../accounts/index.ts';
import { type Check, type Finding, placed } from '../check.ts';
import { inOne } from '../in-one.ts';
import type { Pbx } from '../pbx.ts';

const unlimited: Check = {
  id: 'TRUNK-100',
  severity: 'medium',
  title: 'Trunks that take any number of calls at once',
  why: 'Who gets in dials dozens of premium numbers at the same time; what a night of that costs grows with the number of calls that a trunk takes.',
  mend: 'As many calls as you need at once, and no more: FreePBX: Connectivity → Trunks → the trunk → Maximum Channels. Plain Asterisk: Set(GROUP()=trunk) before Dial, and a GotoIf that looks at GROUP_COUNT(trunk); or call-limit= in sip.conf. Ask the provider for a limit of its own, too.',
  async run(pbx) {
    return pbx.kind === 'freepbx' ? ofFreepbx(pbx) : ofPlain(pbx, await accounts(pbx));
  },
};

/** FreePBX keeps each trunk in globals: OUT_1=PJSIP/provider, OUTMAXCHANS_1=4, OUTDISABLE_1=on. */
function ofFreepbx(pbx: Pbx): Finding[] {
  const globals = new Map<string, Setting>();
  for (const { name, template, settings } of pbx.conf('extensions.conf').sections) {
    if (name !== 'globals' || template) continue;
    for (const setting of settings) globals.set(setting.name, setting);
  }
  return [...globals.values()].flatMap((trunk): Finding[] => {
    const number = /^OUT_(\d+)$/.exec(trunk.name)?.[1];
    const most = globals.get(`OUTMAXCHANS_${number}`);
    if (number === undefined || Number(most?.value) > 0) return [];
    if (globals.get(`OUTDISABLE_${number}`)?.value === 'on') return [];
    return [
      {
        where: placed(most ?? trunk, 'globals'),
        found: `trunk ${number}${named(trunk)}: no limit`,
      },
    ];
  });
}

/** Only what looks like a name: a custom trunk's text may hold a password. */
function named({ value }: Setting): string {
  return /^\w+\/[\w.-]+$/.test(value) ? ` (${value})` : '';
}

/** A dialplan that counts groups has limits of its own, and whose they are can't be told. */
function ofPlain(pbx: Pbx, all: readonly Account[]): Finding[] {
  const counts = pbx
    .conf('extensions.conf')
    .sections.some(({ settings }) => settings.some(({ value }) => /\bGROUP_COUNT\(/i.test(value)));
  if (counts) return [];
  const trunks = all.filter(
    ({ role, section }) =>
      role === 'trunk' && !(Number(settingOf(section, 'call-limit')?.value) > 0),
  );
  return inOne(trunks, 'no limit, and no GROUP_COUNT() in the dialplan');
}

export const checks: readonly Check[] = [unlimited];
