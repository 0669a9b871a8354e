import { strip } from './conf-lines.ts';
import type { OpenSection, Place } from './section.ts';

/** `name = value` or `name => value`; `name += value` appends. */
export interface SettingLine {
  readonly name: string;
  readonly value: string;
  readonly appends: boolean;
}

/**
 * Takes a line of a section apart (main/config.c, process_text_line). A backslash in front lets a
 * name begin with any character.
 * @returns undefined where Asterisk overlooks the line; where it reads no further, why
 */
export function parseSetting(line: string): SettingLine | undefined | string {
  const first = line.startsWith('\\') ? 1 : 0;
  const text = line.slice(first);
  if (first > 0 && !/^[!-\x7f]/.test(text)) return 'a backslash with nothing to escape';
  const at = text.indexOf('=', first);
  const appends = at > first && text[at - 1] === '+';
  const name = strip(text.slice(0, appends ? at - 1 : at));
  if (at < 0 || name === '') return undefined;
  const behind = text.slice(at + 1);
  // Appended is what stands behind the equals sign, blanks in front and `>` included.
  return { name, value: appends ? behind : strip(behind.replace(/^>/, '')), appends };
}

export function addSetting(section: OpenSection, line: SettingLine, place: Place): void {
  const { name, value, appends } = line;
  const { settings } = section;
  const last = appends ? settings.findLast((setting) => setting.name === name) : undefined;
  if (!last) {
    settings.push({ ...place, name, value: strip(value) });
    return;
  }
  // Not the last itself: the first with its name and value, or with its name where it is empty
  // (ast_variable_update; from 22.11 on the last of those).
  const at = settings.findIndex(
    (one) => isSame(one.name, name) && (last.value === '' || isSame(one.value, last.value)),
  );
  settings[at] = { ...place, name, value: strip(last.value + value) };
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
