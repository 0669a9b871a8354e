export type { Use } from './effects.ts';
export { type Ground, groundOf } from './ground.ts';
export type { Found } from './listing.ts';
export { isFreepbxs, type Known } from './own.ts';
export type { Reached } from './reached.ts';
export { display, TAME, WILD } from './text.ts';
export type { Walk } from './walk.ts';
