export type { FreepbxPeers } from './peers.ts';
export { readFreepbx } from './read.ts';
