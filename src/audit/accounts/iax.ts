import { type Section, settingOf, settingsOf } from '../../asterisk/index.ts';
import { openFamilies } from '../acl.ts';
import type { Family } from '../bind.ts';
import { placed } from '../check.ts';
import type { Pbx } from '../pbx.ts';
import { type Account, roleOf, secretOf } from './account.ts';
import { iaxListens } from './listens.ts';
import { ofUsersConf } from './sip.ts';

/** Accounts of iax.conf and users.conf, as chan_iax2's set_config, build_user and build_peer read them. */
export function iaxAccounts(pbx: Pick<Pbx, 'conf'>): Account[] {
  const own = pbx.conf('iax.conf').sections.filter((section) => {
    if (section.template || /^(general|callnumberlimits)$/i.test(section.name)) return false;
    const [first] = settingsOf(section, 'type');
    return /^(peer|user|friend)$/i.test(first?.value ?? '');
  });
  const listens = iaxListens(pbx);
  return [...own, ...ofUsersConf(pbx, 'hasiax')].map((section) => account(pbx, listens, section));
}

function account(pbx: Pick<Pbx, 'conf'>, listens: readonly Family[], section: Section): Account {
  const value = (name: string) => settingOf(section, name)?.value ?? '';
  const types = settingsOf(section, 'type').map((type) => type.value.toLowerCase());
  const isUser = types.some((type) => type !== 'peer');
  const isPeer = types.some((type) => type !== 'user');
  const dynamic = isPeer && value('host').toLowerCase() === 'dynamic';
  const context = value('context') || 'default';
  const secret = settingOf(section, 'secret');
  const hasSecret = ['secret', 'dbsecret', 'inkeys'].some((name) => value(name) !== '');
  const names = [section.name, value('username'), value('mailbox')];
  return {
    technology: 'IAX2',
    name: section.name,
    where: placed(section, section.name),
    role: roleOf(context, isPeer && !dynamic),
    context,
    registers: dynamic,
    // Of a peer alone nobody's call is taken for.
    named: isUser,
    hasSecret,
    asksCalls: hasSecret,
    secrets:
      secret && secret.value !== '' && (isUser || dynamic)
        ? [secretOf(secret, section.name, names)]
        : [],
    open: openFamilies(pbx, section).filter((family) => listens.includes(family)),
    section,
  };
}
