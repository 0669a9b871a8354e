import { chmodSync, chownSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Config, loadConfig } from '../config.ts';
import { openDatabase } from '../database/index.ts';
import { applyEdit, readText } from '../edits.ts';
import { Fault, fault } from '../errors.ts';
import type { Owner } from '../replace-file.ts';
import { configOf } from './config-of.ts';
import type { Facts } from './facts.ts';
import type { Hands } from './hands.ts';
import type { Plan, PlannedFile, PlannedFolder } from './plan.ts';
import { proveAccount, proveServer } from './prove.ts';
import { forgetRecord, readRecord, recordPath, type SetupRecord, writeRecord } from './record.ts';
import { reload } from './reload.ts';
import { writeRow } from './rows.ts';
import { runProgram } from './run-program.ts';
import { GUARD, idOf, SERVER, startService, USER } from './services.ts';
import { takeBack } from './take-back.ts';

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
  const started: string[] = [];
  const goOn = () => {
    if (signal.aborted) throw fault('setup-interrupted');
  };
  const write = (files: readonly PlannedFile[]) => {
    for (const file of files) {
      goOn();
      writeFile(file, facts, hands.root);
    }
  };
  const start = async (unit: string) => {
    if (!plan.enable.includes(unit)) return;
    goOn();
    started.push(unit);
    await startService(unit);
  };
  try {
    if (plan.user) await makeUser(plan.user, hands.root);
    for (const folder of plan.folders) makeFolder(folder, hands.root);
    makeRecord(path, record);
    // Also where no row changes: the server is to find it.
    openDatabase(plan.databasePath).close();
    await changeRows(plan, hands);
    write(plan.files.filter(({ owner }) => typeof owner === 'string'));
    // Read anew: a folder that was made may hold the data now.
    const config = configOf(facts.configFile);
    if (plan.reloads.includes('systemd')) await reload('systemd', record.console);
    await start(SERVER);
    if (plan.enable.includes(SERVER)) await proveServer(config);
    write(plan.files.filter(({ owner }) => typeof owner === 'object'));
    if (plan.reloads.includes('manager')) {
      await reload('manager', record.console);
      await proveAccount(config);
    }
    if (plan.reloads.includes('dialplan')) await reload('dialplan', record.console);
    await start(GUARD);
    for (const unit of plan.reloadUnits) await runProgram('systemctl', 'reload', unit);
    goOn();
    writeRecord(path, { ...record, finished: true });
    return config;
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    const left = await takeBack({ ...record, enabled: started }, plan.databasePath, hands);
    if (left.length > 0) throw fault('setup-not-taken-back', cause.message, left.join('; '));
    forgetRecord(path, record);
    throw fault('setup-taken-back', cause.message);
  }
}

function makeRecord(path: string, record: SetupRecord): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
  } catch (cause) {
    throw fault('file-write', path, (cause as NodeJS.ErrnoException).code ?? 'error');
  }
  writeRecord(path, record);
}

async function changeRows({ rows, databasePath }: Plan, hands: Hands): Promise<void> {
  if (rows.length === 0) return;
  await hands.change(databasePath, (database, now) => {
    for (const row of rows) writeRow(database, row, row.after, now);
  });
}

function recordOf(plan: Plan, { asterisk }: Facts, previous: SetupRecord | null): SetupRecord {
  return {
    version: 1,
    at: Date.now(),
    finished: false,
    console: asterisk?.console,
    folders: plan.folders.map(({ path }) => path),
    files: plan.files.map(({ file, before, after }) => ({ file, before, after })),
    rows: plan.rows,
    reloads: plan.reloads,
    enabled: plan.enable,
    previous,
  };
}

async function makeUser(name: string, root: string): Promise<void> {
  const home = join(root, 'var/lib/ipcountry');
  const account = ['--system', '--user-group', '--no-create-home', '--home-dir', home];
  await runProgram('useradd', ...account, '--shell', '/usr/sbin/nologin', name);
}

function makeFolder({ path, owner }: PlannedFolder, root: string): void {
  try {
    mkdirSync(path, { recursive: true });
    if (owner === 'system') return;
    chownSync(path, idOf(root, 'passwd', USER)!, idOf(root, 'group', USER)!);
    chmodSync(path, 0o750);
  } catch (cause) {
    throw fault('file-write', path, (cause as NodeJS.ErrnoException).code ?? 'error');
  }
}

function writeFile(file: PlannedFile, facts: Facts, root: string): void {
  if (readText(file.file) !== file.before) throw fault('setup-meanwhile', file.file);
  if (file.file === facts.configFile) proveConfig(file);
  // One that others can read is no place for a secret.
  if (file.secret && file.before !== undefined) chmodSync(file.file, SECRET);
  applyEdit(file, ownerOf(file, root));
}

const SECRET = 0o640;

function ownerOf({ owner }: PlannedFile, root: string): Owner | string {
  if (typeof owner === 'object' && existsSync(owner.like)) return owner.like;
  if (owner === 'system') return { uid: 0, gid: 0, mode: 0o644 };
  const group = idOf(root, 'group', owner === 'service' ? USER : 'asterisk');
  return { uid: process.getuid!(), gid: group ?? process.getgid!(), mode: SECRET };
}

/** The program reads the new configuration before it takes the place of the old one. */
function proveConfig({ file, after }: PlannedFile): void {
  const trial = join(dirname(file), `.${basename(file)}.setup`);
  try {
    const owner = { uid: process.getuid!(), gid: process.getgid!(), mode: 0o600 };
    applyEdit({ file: trial, before: undefined, after }, owner);
    loadConfig(trial);
  } finally {
    rmSync(trial, { force: true });
  }
}
