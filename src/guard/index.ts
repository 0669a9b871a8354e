export { guardOnce } from './once.ts';
export type { GuardOptions } from './parts.ts';
export type { Peer } from './peer.ts';
export { type Guard, runGuard } from './run.ts';
export type { Found } from './shut-out.ts';
