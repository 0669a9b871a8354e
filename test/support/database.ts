import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, openDatabase } from '../../src/database/index.ts';

export interface TestDatabase {
  readonly path: string;
  readonly database: Database;
  /** One more connection to the same file, as another program has it. */
  another(): Database;
  /** Closes all connections and deletes the folder. */
  remove(): void;
}

/** A new database in a folder of its own. */
export function newDatabase(): TestDatabase {
  const folder = mkdtempSync(join(tmpdir(), 'ipcountry-db-'));
  const path = join(folder, 'ipcountry.db');
  const connections: Database[] = [];
  const another = () => {
    const database = openDatabase(path);
    connections.push(database);
    return database;
  };
  return {
    path,
    database: another(),
    another,
    remove() {
      for (const connection of connections) connection.close();
      rmSync(folder, { recursive: true });
    },
  };
}
