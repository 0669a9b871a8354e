export { type Conf, readConf } from './conf.ts';
export { ASTERISK, askAsterisk } from './console.ts';
export type { Place, Section, Setting } from './section.ts';
export { settingOf, settingsOf, truth } from './settings.ts';
