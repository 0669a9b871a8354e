export { type Check, checkDialplan, compareDialplan } from './check.ts';
export type { Finding } from './compare.ts';
export {
  applyEdits,
  defaultFile,
  detectKind,
  planInstall,
  planRemove,
} from './install.ts';
export { reloadDialplan } from './reload.ts';
export { agiAddress, dialplanText, type Kind } from './source.ts';
export { readShownSteps } from './steps.ts';
