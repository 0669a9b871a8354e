export { askState, type NoState } from './ask-state.ts';
export type { Crowd } from './conversation.ts';
export { FAILURES, type Failure } from './failure.ts';
export { type Listener, type ListenerOptions, listen } from './listener.ts';
export type { Answer } from './reply.ts';
export type { ServerState } from './state.ts';
