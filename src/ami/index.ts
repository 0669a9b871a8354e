export { type AmiAccount, amiAccount, connectAmi } from './connect.ts';
export type { AmiConnection } from './connection.ts';
export { type AmiCallbacks, type AmiKeeper, keepAmi } from './keeper.ts';
export type { AmiMessage } from './message.ts';
