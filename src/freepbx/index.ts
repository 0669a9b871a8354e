export type { FreepbxPeers } from './peers.ts';
export { readFreepbx } from './read.ts';
export type { FreepbxSettings } from './settings.ts';
