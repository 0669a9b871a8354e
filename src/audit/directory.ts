import { settingOf } from '../asterisk/index.ts';
import type { Pbx } from './pbx.ts';

/** A folder of Asterisk's, as `[directories]` of asterisk.conf has it. */
export function directoryOf(pbx: Pick<Pbx, 'conf'>, name: string, otherwise: string): string {
  const directories = pbx
    .conf('asterisk.conf')
    .sections.find((section) => section.name.toLowerCase() === 'directories' && !section.template);
  return (directories && settingOf(directories, name)?.value) || otherwise;
}
