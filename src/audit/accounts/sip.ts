import { type Section, settingOf, settingsOf, truth } from '../../asterisk/index.ts';
import { openFamilies } from '../acl.ts';
import type { Family } from '../bind.ts';
import { placed } from '../check.ts';
import type { Pbx } from '../pbx.ts';
import { type Account, roleOf, secretOf } from './account.ts';
import { sipListens } from './listens.ts';

/** What an account of chan_sip takes from [general] where it says nothing itself. */
const FROM_GENERAL = ['context', 'insecure', 'encryption', 'transport'];

/** [general] of sip.conf; undefined where there is none. */
export function sipGeneral(pbx: Pick<Pbx, 'conf'>): Section | undefined {
  return general(pbx.conf('sip.conf').sections);
}

/** Accounts of sip.conf and users.conf, as chan_sip's reload_config and build_peer read them. */
export function sipAccounts(pbx: Pick<Pbx, 'conf'>): Account[] {
  const defaults = sipGeneral(pbx);
  const listens = sipListens(defaults);
  const inherited = defaults ? settingsOf(defaults, ...FROM_GENERAL) : [];
  return [...ofSipConf(pbx), ...ofUsersConf(pbx, 'hassip')].map((section) =>
    account(pbx, listens, { ...section, settings: [...inherited, ...section.settings] }),
  );
}

function ofSipConf(pbx: Pick<Pbx, 'conf'>): Section[] {
  return pbx.conf('sip.conf').sections.filter((section) => {
    if (section.template || /^(general|authentication)$/i.test(section.name)) return false;
    // Asterisk looks at the first, and leaves the section out where it is none of these.
    const [first] = settingsOf(section, 'type');
    return /^(peer|user|friend)$/i.test(first?.value ?? '');
  });
}

/**
 * Entries of users.conf that a channel driver makes accounts of. All are friends.
 * @param wanted `hassip`, `hasiax`
 */
export function ofUsersConf(pbx: Pick<Pbx, 'conf'>, wanted: string): Section[] {
  const { sections } = pbx.conf('users.conf');
  const defaults = general(sections);
  return sections
    .filter(({ name, template }) => !template && !/^general$/i.test(name))
    .map((section) => ({
      ...section,
      settings: [
        ...(defaults?.settings ?? []),
        ...section.settings,
        { name: 'type', value: 'friend', file: section.file, line: section.line },
      ],
    }))
    .filter((section) => truth(settingOf(section, wanted)?.value) === true);
}

function general(sections: readonly Section[]): Section | undefined {
  return sections.find(({ name, template }) => !template && /^general$/i.test(name));
}

function account(pbx: Pick<Pbx, 'conf'>, listens: readonly Family[], section: Section): Account {
  const value = (name: string) => settingOf(section, name)?.value ?? '';
  const types = settingsOf(section, 'type').map((type) => type.value.toLowerCase());
  const named = types.some((type) => type !== 'peer');
  const context = value('context') || 'default';
  const dynamic = value('host').toLowerCase() === 'dynamic';
  const secret = settingOf(section, 'secret');
  const hasSecret = (secret?.value ?? '') !== '' || value('md5secret') !== '';
  const names = [section.name, value('username'), value('defaultuser'), value('mailbox')];
  return {
    technology: 'SIP',
    name: section.name,
    where: placed(section, section.name),
    role: roleOf(context, !dynamic && types.some((type) => type !== 'user')),
    context,
    registers: dynamic && types.some((type) => type !== 'user'),
    named,
    hasSecret,
    asksCalls: hasSecret && !insecure(section).includes('invite'),
    secrets:
      secret && secret.value !== '' && (named || dynamic)
        ? [secretOf(secret, section.name, names)]
        : [],
    open: openFamilies(pbx, section).filter((family) => listens.includes(family)),
    section,
  };
}

/** The words of `insecure`, which Asterisk does not trim (set_insecure_flags). */
export function insecure(section: Section): string[] {
  return (settingOf(section, 'insecure')?.value ?? '').toLowerCase().split(',');
}
