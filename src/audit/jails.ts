import type { Host } from './pbx.ts';

/** A jail of fail2ban that is switched on. */
export interface Jail {
  readonly name: string;
  readonly filter: string;
  /** Files that it reads; empty where it reads systemd's journal. */
  readonly logs: readonly string[];
}

const FOLDER = '/etc/fail2ban';

/** Section → its settings. */
type Sections = Map<string, Map<string, string>>;

/** Whether fail2ban is set up here at all. */
export function hasFail2ban(host: Host): boolean {
  return host.list(FOLDER).length > 0;
}

/** The jails that are switched on, as jail.conf(5) has their files read: the last setting counts. */
export function enabledJails(host: Host): Jail[] {
  const inFolder = (ending: string) =>
    host
      .list(`${FOLDER}/jail.d`)
      .filter((name) => name.endsWith(ending))
      .map((name) => `${FOLDER}/jail.d/${name}`);
  const files = [
    ...[`${FOLDER}/jail.conf`, ...inFolder('.conf')],
    ...[`${FOLDER}/jail.local`, ...inFolder('.local')],
  ];
  const sections: Sections = new Map();
  for (const file of files) readInto(sections, host.read(file) ?? '');
  return [...sections.keys()]
    .filter((name) => name !== 'DEFAULT' && name !== 'INCLUDES')
    .filter((name) => /^(1|yes|true|on)$/i.test(settingIn(sections, name, 'enabled')))
    .map((name) => {
      const journal = settingIn(sections, name, 'backend').toLowerCase().startsWith('systemd');
      return {
        name,
        filter: settingIn(sections, name, 'filter') || name,
        logs: journal ? [] : settingIn(sections, name, 'logpath').split(/\s+/).filter(isPath),
      };
    });
}

/** `path tail` and `path head` may stand behind a path. */
function isPath(word: string): boolean {
  return word.startsWith('/');
}

/** As Python's configparser: a line that begins with a blank goes on with the one before it. */
function readInto(sections: Sections, text: string): void {
  let section: Map<string, string> | undefined;
  let last: string | undefined;
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*[#;]/.test(line) || line.trim() === '') continue;
    const header = /^\[([^\]]+)\]/.exec(line)?.[1];
    const [, name, value] = /^([^\s=:][^=:]*?)\s*[=:]\s*(.*)$/.exec(line) ?? [];
    if (header !== undefined) {
      section = sections.get(header) ?? new Map();
      sections.set(header, section);
      last = undefined;
    } else if (/^\s/.test(line)) {
      if (section && last !== undefined) section.set(last, `${section.get(last)}\n${line.trim()}`);
    } else if (section && name !== undefined && value !== undefined) {
      last = name.toLowerCase();
      section.set(last, value.replace(/\s;.*$/, '').trim());
    }
  }
}

const DEEPEST = 8;

/** The value with its `%(name)s` filled in; from [DEFAULT] where the section has none. */
function settingIn(sections: Sections, section: string, name: string, depth = 0): string {
  const text = sections.get(section)?.get(name) ?? sections.get('DEFAULT')?.get(name) ?? '';
  if (depth === DEEPEST) return text;
  return text.replace(/%\((?:[\w-]+\/)?([\w-]+)\)s/g, (_, other: string) =>
    other === '__name__' ? section : settingIn(sections, section, other, depth + 1),
  );
}
