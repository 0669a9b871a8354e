import { type Conf, type Section, type Setting, settingOf, truth } from '../../asterisk/index.ts';
import type { Pbx } from '../pbx.ts';

/**
 * Objects of pjsip.conf, as res_pjsip makes them: sections by their `type`, and what the wizard of
 * pjsip_wizard.conf makes of each of its own. FreePBX's pjsip.*.conf are included in pjsip.conf.
 */
export interface PjsipObjects {
  /** Sections of a type: `endpoint`, `auth`, `aor`, `identify`, `registration`, `transport`, `acl`. */
  ofType(type: string): readonly Section[];
  /** The first of that type and name. */
  find(type: string, name: string): Section | undefined;
}

export function pjsipObjects(pbx: Pick<Pbx, 'conf'>): PjsipObjects {
  const conf = pbx.conf('pjsip.conf');
  const wizards = pbx.conf('pjsip_wizard.conf');
  const made = known.get(conf) ?? objectsOf([...conf.sections, ...wizards.sections]);
  known.set(conf, made);
  return made;
}

/** Most checks ask for them, and there may be many thousands. */
const known = new WeakMap<Conf, PjsipObjects>();

function objectsOf(all: readonly Section[]): PjsipObjects {
  const sections = all
    .filter(({ template }) => !template)
    .flatMap((section) => (typeOf(section) === 'wizard' ? wizard(section) : section));
  const types = grouped(sections, typeOf);
  const names = new Map(
    sections.map((section) => [`${typeOf(section)} ${section.name}`, section] as const).reverse(),
  );
  return {
    ofType: (type) => types.get(type) ?? [],
    find: (type, name) => names.get(`${type} ${name}`),
  };
}

export function grouped<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

function typeOf(section: Section): string {
  return settingOf(section, 'type')?.value.toLowerCase() ?? '';
}

/** The values of a list: `auth=a,b`. */
export function listed(section: Section, name: string): string[] {
  return (settingOf(section, name)?.value ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** `endpoint/context`, `inbound_auth/password`: settings of one object (res_pjsip_config_wizard.c). */
function wizard(section: Section): Section[] {
  const is = (name: string) => truth(settingOf(section, name)?.value) === true;
  const under = (prefix: string): Setting[] =>
    section.settings
      .filter(({ name }) => name.toLowerCase().startsWith(`${prefix}/`))
      .map((setting) => ({ ...setting, name: setting.name.slice(prefix.length + 1) }));
  const place = { file: section.file, line: section.line };
  const extra = (name: string, value: string): Setting => ({ ...place, name, value });
  const object = (type: string, name: string, settings: readonly Setting[]): Section => ({
    ...{ ...place, name, template: false },
    settings: [...settings, extra('type', type)],
  });

  const { name } = section;
  const hosts = listed(section, 'remote_hosts');
  const endpoint = [...under('endpoint'), extra('aors', name)];
  const transport = settingOf(section, 'transport');
  if (transport) endpoint.push(transport);
  if (is('accepts_auth')) endpoint.push(extra('auth', `${name}-iauth`));
  if (is('sends_auth')) endpoint.push(extra('outbound_auth', `${name}-oauth`));
  const contacts = hosts.map((host) => extra('contact', `sip:${host}`));
  const objects = [
    object('endpoint', name, endpoint),
    object('aor', name, [...contacts, ...under('aor')]),
  ];
  if (is('accepts_auth')) objects.push(object('auth', `${name}-iauth`, under('inbound_auth')));
  if (!is('accepts_registrations') && !is('sends_line_with_registrations') && hosts.length > 0) {
    const matches = hosts.map((host) => extra('match', host));
    const own = under('identify');
    objects.push(
      object('identify', `${name}-identify`, [
        ...(own.some((setting) => setting.name === 'match') ? [] : matches),
        ...own,
        extra('endpoint', name),
      ]),
    );
  }
  return objects;
}
