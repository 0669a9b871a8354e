export { ASTERISK, askAsterisk, reloadDialplan } from './asterisk.ts';
export { type Check, checkDialplan } from './check.ts';
export type { Finding } from './compare.ts';
export {
  applyEdits,
  defaultFile,
  detectKind,
  type Edit,
  planInstall,
  planRemove,
} from './install.ts';
export { agiAddress, dialplanText, type Kind } from './source.ts';
