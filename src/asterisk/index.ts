export {
  type Conf,
  type Place,
  readConf,
  type Section,
  type Setting,
  settingOf,
  settingsOf,
  truth,
} from './conf.ts';
export { ASTERISK, askAsterisk } from './console.ts';
