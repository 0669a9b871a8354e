export type { Contents } from './contents.ts';
export { contentsOf } from './contents.ts';
export { lastBackup, noteBackup } from './last.ts';
export { type Backup, makeBackup } from './make.ts';
export { type OpenBackup, openBackup } from './open.ts';
export { type Present, presentDatabase } from './present.ts';
export { attach, restoreRows } from './restore.ts';
export { checkConfig, restoreConfig } from './restore-config.ts';
export { setAside } from './set-aside.ts';
