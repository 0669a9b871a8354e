export { separateArguments, splitApplication } from './arguments.ts';
export { type Conf, readConf } from './conf.ts';
export { ASTERISK, askAsterisk } from './console.ts';
export type { Context, Dialplan, Extension, Include, Step } from './dialplan.ts';
export { dialplanOfConf } from './dialplan-conf.ts';
export { dialplanOfShown } from './dialplan-shown.ts';
export { dialplanOfText } from './dialplan-text.ts';
export {
  bytesOf,
  coversName,
  type ExtensionName,
  matchesName,
  readExtensionName,
  setOf,
} from './extension-name.ts';
export { substring } from './globals.ts';
export type { Place, Section, Setting } from './section.ts';
export { settingOf, settingsOf, truth } from './settings.ts';
