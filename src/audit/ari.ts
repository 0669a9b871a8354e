import { type Section, settingOf, truth } from '../asterisk/index.ts';
import { placed } from './check.ts';
import { type Http, httpOf } from './http.ts';
import type { Pbx } from './pbx.ts';

/** Asterisk's REST interface, as ari.conf has it. */
export interface Ari {
  /** Undefined where it has none: ARI answers all the same. */
  readonly general: Section | undefined;
  readonly http: Http;
  readonly accounts: readonly AriAccount[];
}

export interface AriAccount {
  readonly section: Section;
  readonly where: string;
  readonly password: string;
  /** As crypt(3) has it: nothing can be told of the password. */
  readonly crypted: boolean;
  readonly readOnly: boolean;
}

/**
 * Its accounts' permit and deny are not looked at: most versions of Asterisk know none there.
 * @returns undefined where it does not answer: without HTTP server, or switched off
 */
export function ariOf(pbx: Pick<Pbx, 'conf'>): Ari | undefined {
  const http = httpOf(pbx);
  const { found, sections: all } = pbx.conf('ari.conf');
  const sections = all.filter(({ template }) => !template);
  const general = sections.find(({ name }) => name === 'general');
  const enabled = general && settingOf(general, 'enabled')?.value;
  if (!http || !found || truth(enabled) === false) return undefined;
  const accounts = sections
    .filter((section) => settingOf(section, 'type')?.value === 'user')
    .map((section) => ({
      section,
      where: placed(section, section.name),
      password: settingOf(section, 'password')?.value ?? '',
      crypted: settingOf(section, 'password_format')?.value.toLowerCase() === 'crypt',
      readOnly: truth(settingOf(section, 'read_only')?.value) === true,
    }))
    // Nobody logs in without a password.
    .filter(({ password }) => password !== '');
  return { general, http, accounts };
}
