export { type Ask, type Row, readMariaDb } from './read.ts';
export type { MariaDbSettings, Naming } from './settings.ts';
