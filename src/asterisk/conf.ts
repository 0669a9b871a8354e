import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { confLines } from './conf-lines.ts';
import { expandPattern } from './expand-pattern.ts';

/** Where something stands: `sip_custom.conf:12`, the file named from the configuration folder. */
export interface Place {
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** One `name = value` of a section, inherited ones among them. */
export interface Setting extends Place {
  /** As written; Asterisk's modules compare most names without regard to case. */
  readonly name: string;
  readonly value: string;
}

export interface Section extends Place {
  readonly name: string;
  /** `[name](!)`: only there to be inherited from. */
  readonly template: boolean;
  /** In Asterisk's order: what is inherited first, so that the last of a name is the one that counts. */
  readonly settings: readonly Setting[];
}

/** A configuration file with all that it includes. */
export interface Conf {
  /** Whether the file is there. */
  readonly found: boolean;
  /** All of them, templates too; a name may stand twice, as in pjsip.conf. */
  readonly sections: readonly Section[];
  /** What was not read, and why: a line each. */
  readonly remarks: readonly string[];
}

interface OpenSection extends Section {
  template: boolean;
  readonly settings: Setting[];
}

/** As deep as Asterisk follows includes (MAX_INCLUDE_LEVEL in main/config.c). */
const DEEPEST = 10;

/**
 * Reads a configuration file as Asterisk's main/config.c does: templates, `(+)`, `+=`, `#include`
 * and `#tryinclude` with patterns. `#exec` is never run. Where Asterisk would give up the file, the
 * rest is read all the same, and a remark tells.
 * @param folder Asterisk's configuration folder, which relative names begin at
 * @param file its name in that folder
 */
export function readConf(folder: string, file: string): Conf {
  const sections: OpenSection[] = [];
  const remarks: string[] = [];
  let current: OpenSection | undefined;
  /** The one opened last, in whichever file: an included file begins in it. */
  let latest: OpenSection | undefined;
  const found = read(join(folder, file), 1);
  return { found, sections, remarks };

  function read(path: string, depth: number): boolean {
    const text = readText(path);
    if (typeof text !== 'string') {
      if (text.code !== 'ENOENT') remarks.push(`${nameOf(path)} can't be read (${text.code})`);
      return false;
    }
    current = latest;
    for (const { number, text: line } of confLines(text)) {
      const place = { file: nameOf(path), line: number };
      if (line.startsWith('[')) openSection(line, place);
      else if (line.startsWith('#')) directive(line, place, depth);
      else addSetting(line, place);
    }
    return true;
  }

  function openSection(line: string, place: Place): void {
    const [, name, options] = /^\[([^\]]*)\](?:\(([^)]*)\))?/.exec(line) ?? [];
    if (name === undefined) {
      remark(place, 'a section without closing bracket');
      return;
    }
    let opened: OpenSection = { ...place, name, template: false, settings: [] };
    for (const option of options?.split(',') ?? []) {
      if (option === '!') opened.template = true;
      else if (option.startsWith('+')) {
        const before = sections.find((section) => section.name === name && !section.template);
        if (!before) remark(place, `[${name}] is to be added to, but there is none`);
        else {
          before.settings.push(...opened.settings);
          opened = before;
        }
      } else {
        const base = sections.find((section) => section.name === option);
        if (base) opened.settings.push(...base.settings);
        else remark(place, `[${name}] inherits from [${option}], which does not stand before it`);
      }
    }
    if (!sections.includes(opened)) sections.push(opened);
    current = latest = opened;
  }

  function directive(line: string, place: Place, depth: number): void {
    const [, word = '', argument = ''] = /^#(\S+)\s*(.*)$/.exec(line) ?? [];
    const kind = word.toLowerCase();
    if (kind === 'exec') remark(place, '#exec was not run: what it gives is not read');
    if (kind !== 'include' && kind !== 'tryinclude') return;
    const name = argument.replace(/^"(.*)"$|^<(.*)>$/, '$1$2');
    if (depth >= DEEPEST) {
      remark(place, `${name} is included too deep`);
      return;
    }
    const paths = expandPattern(name.startsWith('/') ? name : join(folder, name));
    const mine = current;
    const some = paths.map((path) => read(path, depth + 1)).includes(true);
    current = mine;
    if (!some && kind === 'include') remark(place, `${name} is included, but not there`);
  }

  function addSetting(line: string, place: Place): void {
    const [, name, plus, text] = /^\\?([^=]+?)\s*(\+?)=>?\s*(.*)$/.exec(line) ?? [];
    if (name === undefined || text === undefined) return;
    if (!current) {
      remark(place, 'a setting before the first section');
      return;
    }
    const last = plus ? current.settings.findLastIndex((setting) => setting.name === name) : -1;
    const before = current.settings[last];
    if (!before) current.settings.push({ ...place, name, value: text });
    else current.settings[last] = { ...place, name, value: before.value + text };
  }

  function remark({ file: name, line }: Place, words: string): void {
    remarks.push(`${name}:${line}: ${words}`);
  }

  function nameOf(path: string): string {
    return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : basename(path);
  }
}

function readText(path: string): string | { code: string } {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    return { code: (cause as NodeJS.ErrnoException).code ?? 'error' };
  }
}

/** The value that counts: the last of that name, in any case; undefined where there is none. */
export function settingOf(section: Section, name: string): Setting | undefined {
  const wanted = name.toLowerCase();
  return section.settings.findLast((setting) => setting.name.toLowerCase() === wanted);
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
