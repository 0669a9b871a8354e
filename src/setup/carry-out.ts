import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Config } from '../config.ts';
import { openDatabase } from '../database/index.ts';
import { fault } from '../errors.ts';
import { configOf } from './config-of.ts';
import type { Facts } from './facts.ts';
import type { Hands } from './hands.ts';
import { hasPart, type Part, type Plan, type PlannedFile } from './plan.ts';
import { proveAccount, proveServer } from './prove.ts';
import { forgetRecord, readRecord, recordPath, type SetupRecord, writeRecord } from './record.ts';
import { reload } from './reload.ts';
import { writeRow } from './rows.ts';
import { runProgram } from './run-program.ts';
import { GUARD, SERVER, startService } from './services.ts';
import { takeBack, whyOf } from './take-back.ts';
import { makeFolder, makeUser, writeFile } from './write.ts';

/**
 * Does all that changes something, and proves that it works: all of it or nothing. After a failure,
 * or where `signal` tells to stop, it is taken back.
 *
 * The order keeps calls safe: the rules and the mode first; then the server, which must answer; only
 * then the dialplan, by which calls are asked about; last the guard, which needs its account.
 * @returns the configuration as it now is
 * @throws Fault that says what failed, and what could not be taken back
 */
export async function carryOut(
  plan: Plan,
  facts: Facts,
  hands: Hands,
  signal: AbortSignal,
): Promise<Config> {
  const path = recordPath(plan.databasePath);
  const record = recordOf(plan, facts, readRecord(path) ?? null);
  // Country data and a test mail are nothing to take back.
  const isRecorded = [plan.files, plan.rows, plan.enable].some((list) => list.length > 0);
  // As far as it got: only that is to be taken back.
  const written: PlannedFile[] = [];
  const started: string[] = [];
  let rows: Plan['rows'] = [];

  const goOn = () => {
    if (signal.aborted) throw fault('setup-interrupted');
  };
  const write = (part: Part) => {
    for (const file of plan.files.filter((one) => one.part === part)) {
      goOn();
      writeFile(file, facts.configFile, hands.root);
      written.push(file);
    }
    return hasPart(plan, part);
  };
  const start = async (unit: string) => {
    if (!plan.enable.includes(unit)) return false;
    goOn();
    started.push(unit);
    await startService(unit);
    return true;
  };

  try {
    if (plan.user) await makeUser(plan.user, hands.root);
    for (const folder of plan.folders) makeFolder(folder, hands.root);
    if (isRecorded) makeRecord(path, record);
    await changeRows(plan, hands);
    rows = plan.rows;
    write('config');
    // Read anew: a folder that was made may hold the data now.
    const config = configOf(facts.configFile);
    if (write('unit')) await runProgram('systemctl', 'daemon-reload');
    if (await start(SERVER)) await proveServer(config);
    if (write('manager')) {
      await reload('manager', record.console);
      await proveAccount(config);
    }
    if (write('dialplan')) await reload('dialplan', record.console);
    await start(GUARD);
    for (const unit of plan.reloadUnits) await runProgram('systemctl', 'reload', unit);
    goOn();
    if (isRecorded) writeRecord(path, { ...record, finished: true });
    return config;
  } catch (cause) {
    const done = { ...record, rows, files: written, enabled: started };
    const left = await takeBack(done, plan.databasePath, hands);
    if (left.length > 0) throw fault('setup-not-taken-back', whyOf(cause), left.join('; '));
    if (isRecorded) forgetRecord(path, record);
    throw fault('setup-taken-back', whyOf(cause));
  }
}

function recordOf(plan: Plan, { asterisk }: Facts, previous: SetupRecord | null): SetupRecord {
  return {
    version: 1,
    at: Date.now(),
    finished: false,
    console: asterisk?.console,
    folders: plan.folders.map(({ path }) => path),
    files: plan.files.map(({ part, file, before, after }) => ({ part, file, before, after })),
    rows: plan.rows,
    enabled: plan.enable,
    previous,
  };
}

/** Before anything else is written. */
function makeRecord(path: string, record: SetupRecord): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
  } catch (cause) {
    throw fault('file-write', path, (cause as NodeJS.ErrnoException).code ?? 'error');
  }
  writeRecord(path, record);
}

async function changeRows({ rows, databasePath }: Plan, hands: Hands): Promise<void> {
  openDatabase(databasePath).close(); // the server is to find one, even where no row changes
  if (rows.length === 0) return;
  await hands.change(databasePath, (database, now) => {
    for (const row of rows) writeRow(database, row, row.after, now);
  });
}
