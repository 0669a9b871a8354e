import type { Section, Setting } from './section.ts';

/** The value that counts: the last of that name, in any case; undefined where there is none. */
export function settingOf(section: Section, name: string): Setting | undefined {
  const wanted = name.toLowerCase();
  // The first look spares most of the work: a PBX has many thousand settings.
  return section.settings.findLast(
    (setting) => setting.name.length === wanted.length && setting.name.toLowerCase() === wanted,
  );
}

/** All of that name, in order: `permit` and `deny`, `register`. */
export function settingsOf(section: Section, ...names: readonly string[]): Setting[] {
  const wanted = names.map((name) => name.toLowerCase());
  return section.settings.filter((setting) => wanted.includes(setting.name.toLowerCase()));
}

/** As Asterisk's ast_true() and ast_false() have it (main/utils.c); undefined for neither. */
export function truth(value: string | undefined): boolean | undefined {
  const word = value?.trim().toLowerCase() ?? '';
  if (['yes', 'true', 'y', 't', '1', 'on'].includes(word)) return true;
  if (['no', 'false', 'n', 'f', '0', 'off'].includes(word)) return false;
  return undefined;
}
