import { confLines } from './conf-lines.ts';
import type { Dialplan } from './dialplan.ts';
import { dialplanOfConf } from './dialplan-conf.ts';
import { type OpenSection, openSection } from './section.ts';
import { addSetting, parseSetting } from './setting-line.ts';

/** The dialplan that a text makes by itself, without the files that it includes. */
export function dialplanOfText(text: string): Dialplan {
  const sections: OpenSection[] = [];
  const remarks: string[] = [];
  let current: OpenSection | undefined;
  for (const { number, text: line } of confLines(text).lines) {
    const place = { file: '', line: number };
    if (line.startsWith('[')) {
      const opened = openSection(sections, line, place);
      if (typeof opened === 'string') remarks.push(`:${number}: ${opened}`);
      else current = opened;
    } else if (current && !line.startsWith('#')) {
      const setting = parseSetting(line);
      if (typeof setting === 'object') addSetting(current, setting, place);
    }
  }
  return dialplanOfConf({ sections, remarks });
}
