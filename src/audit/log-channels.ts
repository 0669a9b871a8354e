import { isAbsolute, join } from 'node:path';
import type { Place, Setting } from '../asterisk/index.ts';
import { directoryOf } from './directory.ts';
import type { Pbx } from './pbx.ts';

/** A file that Asterisk writes its log to, as logger.conf has it. */
export interface LogChannel extends Place {
  readonly path: string;
  /** `notice`, `security`; `*` for all. */
  readonly levels: readonly string[];
}

/** Files alone: neither the console nor syslog. */
export function logChannels(pbx: Pick<Pbx, 'conf'>): LogChannel[] {
  const folder = directoryOf(pbx, 'astlogdir', '/var/log/asterisk');
  return pbx
    .conf('logger.conf')
    .sections.filter(({ name, template }) => name.toLowerCase() === 'logfiles' && !template)
    .flatMap(({ settings }) => settings)
    .filter(({ name }) => !/^(console|syslog\b)/i.test(name))
    .map((setting) => ({
      file: setting.file,
      line: setting.line,
      path: isAbsolute(setting.name) ? setting.name : join(folder, setting.name),
      levels: levelsOf(setting),
    }));
}

/** What goes to the console, which systemd may keep, and to syslog. */
export function syslogLevels(pbx: Pick<Pbx, 'conf'>): string[] {
  return pbx
    .conf('logger.conf')
    .sections.flatMap(({ settings }) => settings)
    .filter(({ name }) => /^(console|syslog\b)/i.test(name))
    .flatMap(levelsOf);
}

/** A formatter may stand in front: `[json]notice,warning`. */
function levelsOf({ value }: Setting): string[] {
  return value
    .replace(/^\[[^\]]*\]/, '')
    .split(',')
    .map((level) => level.trim().toLowerCase().replace(/\(.*$/, ''))
    .filter(Boolean);
}

/** Whether one of the levels is written; `*` is every level. */
export function has({ levels }: Pick<LogChannel, 'levels'>, ...wanted: readonly string[]): boolean {
  return levels.some((level) => level === '*' || wanted.includes(level));
}
