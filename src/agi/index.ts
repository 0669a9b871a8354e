export type { Crowd } from './conversation.ts';
export { type Listener, type ListenerOptions, listen } from './listener.ts';
export type { Answer } from './reply.ts';
