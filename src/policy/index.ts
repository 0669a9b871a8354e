export { checkedDomain, domainKey } from './domain.ts';
export {
  addDomain,
  addExtension,
  addScanner,
  checkedScanner,
  getMode,
  type Listed,
  type ListedExtension,
  listDomains,
  listExtensions,
  listScanners,
  removeDomain,
  removeExtension,
  removeScanner,
  setMode,
} from './lists.ts';
export { lockout } from './lockout.ts';
export { type Names, resolvedAddresses, startNames } from './names.ts';
export { type Origin, originOf, type Policy, type Whereabouts } from './policy.ts';
export {
  checkedExtension,
  extensionKey,
  formatRoute,
  parseDial,
  parseGoto,
  parseRoute,
} from './route.ts';
export {
  addRule,
  countRules,
  deleteExpired,
  findRule,
  initialRules,
  listRules,
  type NewRule,
  removeRule,
  resetList,
} from './rules.ts';
export { type LivePolicy, loadPolicy, openPolicy, resolvedNames } from './store.ts';
export { formatSubject, parseSubject, rangeSubject } from './subject.ts';
export { LISTS, type List, type Mode, type Route, type Rule, type Subject } from './types.ts';
