export { CHECKS } from './all.ts';
export { ASTERISK_FOLDER, openPbx } from './open-pbx.ts';
export { runChecks } from './run.ts';
export { groupOf, selectChecks } from './select.ts';
