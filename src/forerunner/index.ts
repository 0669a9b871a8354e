export { ENOUGH_COVERED, ENOUGH_RANGES, type Folding, fold, type Group } from './fold.ts';
export { readTables, type Tables } from './tables.ts';
