import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import * as v from 'valibot';
import { WATCHER_END, WATCHER_READY } from './cli/firewall-watch.ts';
import { openDatabase } from './database/index.ts';
import { nftProgram, rollBack, trialStands } from './firewall/index.ts';

// A program of its own, started by `ipcountry firewall apply`: waits for the confirm, and rolls
// back where none comes. What it rolls back to comes on standard input and stays in memory.

const task = v.parse(
  v.strictObject({ database: v.string(), nft: v.string(), token: v.string(), until: v.number() }),
  JSON.parse(process.argv[2] ?? ''),
);

/** By the clock that nobody sets. */
const deadline = performance.now() + (task.until - Date.now());

/** Milliseconds between two looks whether the trial was confirmed. */
const LOOK = 500;

const rollback = await text(process.stdin);
// Cut short: whoever started us died, before anything was changed.
if (!rollback.endsWith(WATCHER_END)) process.exit(1);
const database = openDatabase(task.database);
process.stdout.on('error', () => {}); // nobody listens any more
process.stdout.write(WATCHER_READY);

while (performance.now() < deadline && stands()) await pause(LOOK);
await rollBack(
  { database, nft: nftProgram(task.nft) },
  task.token,
  rollback.slice(0, -WATCHER_END.length),
  pause,
);
database.close();

/** A database that is busy tells nothing: the trial is taken to stand. */
function stands(): boolean {
  try {
    return trialStands(database, task.token);
  } catch {
    return true;
  }
}
