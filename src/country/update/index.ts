export type { Target, UpdateResult } from './install.ts';
export { type UpdateSettings, updateSettings } from './settings.ts';
export { installFile, type UpdateOptions, updateFiles } from './update.ts';
