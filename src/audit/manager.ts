import { type Section, settingOf, truth } from '../asterisk/index.ts';
import { ofUsersConf } from './accounts/index.ts';
import { openFamilies } from './acl.ts';
import { type Bind, bindOf, type Family } from './bind.ts';
import { placed } from './check.ts';
import { httpOf } from './http.ts';
import type { Pbx } from './pbx.ts';

/** Asterisk's manager interface (AMI), as manager.conf has it. */
export interface Manager {
  /** Where it listens for connections of its own. */
  readonly binds: readonly Bind[];
  /** Whether it answers over Asterisk's HTTP server, too. */
  readonly web: boolean;
  readonly accounts: readonly ManagerAccount[];
}

export interface ManagerAccount {
  readonly section: Section;
  readonly where: string;
  readonly secret: string;
  /** `system`, `all`… */
  readonly rights: { readonly read: readonly string[]; readonly write: readonly string[] };
  /** The families of addresses from which strangers may try to log in: it is reached, and lets them. */
  readonly strangers: readonly Family[];
}

const PORT = 5038;
const TLS_PORT = 5039;

/** @returns undefined where it is off, as it is unless enabled */
export function managerOf(pbx: Pick<Pbx, 'conf'>): Manager | undefined {
  const sections = pbx.conf('manager.conf').sections.filter(({ template }) => !template);
  const general = sections.find(({ name }) => name.toLowerCase() === 'general');
  if (!general || truth(settingOf(general, 'enabled')?.value) !== true) return undefined;
  const binds = bindsOf(general);
  const web = truth(settingOf(general, 'webenabled')?.value) === true;
  const reached = new Set(
    [...binds, ...(web ? (httpOf(pbx)?.binds ?? []) : [])].flatMap((bind) => bind.families),
  );
  const all = [...sections, ...ofUsersConf(pbx, 'hasmanager').map(withRights)];
  const accounts = all
    // Asterisk takes the first of a name, and lets nobody in without a secret.
    .filter((section, i) => all.findIndex(({ name }) => name === section.name) === i)
    .filter((section) => section !== general && settingOf(section, 'secret') !== undefined)
    .map((section) => ({
      section,
      where: placed(section, section.name),
      secret: settingOf(section, 'secret')?.value ?? '',
      rights: { read: rights(section, 'read'), write: rights(section, 'write') },
      strangers: openFamilies(pbx, section).filter((family) => reached.has(family)),
    }));
  return { binds, web, accounts };
}

function bindsOf(general: Section): Bind[] {
  const port = Number(settingOf(general, 'port')?.value ?? PORT);
  const address = settingOf(general, 'bindaddr');
  const here = placed(address ?? general, general.name);
  const plain = bindOf(address?.value || '::', port, here);
  if (truth(settingOf(general, 'tlsenable')?.value) !== true) return [plain];
  const tls = settingOf(general, 'tlsbindaddr');
  return [
    plain,
    tls
      ? bindOf(tls.value, TLS_PORT, placed(tls, general.name))
      : bindOf(plain.address, TLS_PORT, here),
  ];
}

/** An account of users.conf (before Asterisk 21) may do everything, and nothing shuts strangers out. */
function withRights(section: Section): Section {
  const place = { file: section.file, line: section.line, value: 'all' };
  const settings = section.settings.filter(({ name }) => !/^(permit|deny|acl)$/i.test(name));
  const all = ['read', 'write'].map((name) => ({ ...place, name }));
  return { ...section, settings: [...all, ...settings] };
}

function rights(section: Section, name: 'read' | 'write'): string[] {
  const value = settingOf(section, name)?.value ?? '';
  return value
    .split(',')
    .map((right) => right.trim())
    .filter(Boolean);
}
