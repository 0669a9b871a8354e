import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { confLines, strip } from './conf-lines.ts';
import { expandPattern } from './expand-pattern.ts';
import { type OpenSection, openSection, type Place, type Section } from './section.ts';
import { addSetting, parseSetting } from './setting-line.ts';

/** A configuration file with all that it includes. */
export interface Conf {
  /** Whether the file is there. */
  readonly found: boolean;
  /** Whether Asterisk takes nothing of it, as it breaks off; `sections` are those before the break. */
  readonly refused: boolean;
  /** All of them, templates too; a name may stand twice, as in pjsip.conf. */
  readonly sections: readonly Section[];
  /** What was not read, and why: a line each, without secrets. */
  readonly remarks: readonly string[];
  /** Files that are there, and could not be read: what stands in them is not known. */
  readonly unreadable: readonly string[];
}

/** The main file and ten more below one another (MAX_INCLUDE_LEVEL in main/config.c). */
const DEEPEST = 11;

/** Files read in all, each time it is included: who includes itself a few times never comes to an end. */
const MOST_FILES = 5_000;

/** What came of one #include, or of the file itself. */
type Outcome = 'read' | 'broken' | 'missing';

/**
 * Reads a configuration file as Asterisk's main/config.c does: templates, `(+)`, `+=`, `#include`
 * and `#tryinclude` with patterns. Where Asterisk breaks off, so do we, and a remark tells: in an
 * included file the rest of that file is missing then, in the file itself everything is. `#exec` is
 * never run.
 * @param folder Asterisk's configuration folder, which relative names begin at
 * @param file its name in that folder
 */
export function readConf(folder: string, file: string): Conf {
  const base = resolve(folder);
  const sections: OpenSection[] = [];
  const remarks: string[] = [];
  const unreadable: string[] = [];
  /** The section opened last, in whichever file: an included file begins in it. */
  let latest: OpenSection | undefined;
  let level = 0;
  let files = 0;
  const outcome = read([join(base, file)]);
  if (files > MOST_FILES)
    remarks.push(`more than ${MOST_FILES} files are included: the rest is not read`);
  return {
    found: outcome !== 'missing',
    refused: outcome === 'broken',
    sections,
    remarks,
    unreadable,
  };

  /** Files of one pattern follow each other as if they were one. */
  function read(paths: readonly string[]): Outcome {
    level++;
    let current = latest;
    let depth = 0;
    let outcome: Outcome = 'missing';
    for (const path of paths) {
      if (++files > MOST_FILES) break;
      const text = readText(path);
      if (text === undefined) continue;
      outcome = 'read';
      const opened = confLines(text, depth);
      depth = opened.depth;
      for (const { number, text: line } of opened.lines) {
        const place = { file: nameOf(path), line: number };
        const section = take(line, place, current);
        if (typeof section === 'string') {
          remark(place, `${section}: Asterisk reads no further`);
          // Asterisk forgets to count it off again, so that a file that includes itself comes to an end.
          return 'broken';
        }
        current = section;
      }
      if (depth > 0) remarks.push(`${nameOf(path)}: a comment ;-- without its --;`);
      if (depth < 0) remarks.push(`${nameOf(path)}: --; without ;-- hides what follows it`);
    }
    level--;
    return outcome;
  }

  /** @returns the section that the next line belongs to, or what is wrong */
  function take(
    line: string,
    place: Place,
    current: OpenSection | undefined,
  ): OpenSection | string | undefined {
    if (line.startsWith('#')) return directive(line, place) ?? current;
    if (!line.startsWith('[')) return setting(line, place, current);
    const opened = openSection(sections, line, place);
    if (typeof opened !== 'string') latest = opened;
    return opened;
  }

  /** @returns what is wrong */
  function directive(line: string, place: Place): string | undefined {
    const [, word = '', rest = ''] = /^#([!-~]*)(.*)$/s.exec(line) ?? [];
    const kind = word.toLowerCase();
    const argument = strip(rest);
    if (kind === 'exec') remark(place, '#exec was not run: what it gives is not read');
    if ((kind !== 'include' && kind !== 'tryinclude') || argument === '') return undefined;
    const name = argument.replace(/^"(.*)"$|^<(.*)>$/s, '$1$2');
    if (level === DEEPEST) {
      if (kind === 'include') return `${name} is included too deep`;
      remark(place, `${name} is included too deep`);
      return undefined;
    }
    const outcome = read(expandPattern(name.startsWith('/') ? name : join(base, name)));
    return outcome === 'missing' && kind === 'include'
      ? `${name} is included, but not there`
      : undefined;
  }

  function setting(
    line: string,
    place: Place,
    current: OpenSection | undefined,
  ): OpenSection | string {
    if (!current) return 'a setting before the first section';
    const parsed = parseSetting(line);
    if (typeof parsed === 'string') return parsed;
    if (parsed) addSetting(current, parsed, place);
    else remark(place, 'neither a section nor a setting');
    return current;
  }

  function readText(path: string): string | undefined {
    try {
      if (statSync(path).isFile()) return readFileSync(path, 'utf8');
      remarks.push(`${nameOf(path)} is not a file`);
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code !== 'ENOENT' && code !== 'ENOTDIR') {
        remarks.push(`${nameOf(path)} can't be read (${code})`);
        unreadable.push(nameOf(path));
      }
    }
    return undefined;
  }

  function remark({ file: name, line }: Place, words: string): void {
    remarks.push(`${name}:${line}: ${words}`);
  }

  function nameOf(path: string): string {
    return path.startsWith(`${base}/`) ? path.slice(base.length + 1) : path;
  }
}
