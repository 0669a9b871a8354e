export { type Database, databaseFault, type OpenOptions, openDatabase } from './database.ts';
export { prepared } from './prepared.ts';
export { isSound, snapshot } from './snapshot.ts';
