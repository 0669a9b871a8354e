import { chmodSync, chownSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { loadConfig } from '../config.ts';
import { applyEdit, readText } from '../edits.ts';
import { fault } from '../errors.ts';
import type { Owner } from '../replace-file.ts';
import type { PlannedFile, PlannedFolder } from './plan.ts';
import { runProgram } from './run-program.ts';
import { idOf, USER } from './services.ts';

/** Of what has secrets in it: the owner writes, the services or Asterisk read. */
const SECRET = 0o640;

/** The user that the services run under. @throws Fault setup-program */
export async function makeUser(name: string, root: string): Promise<void> {
  const home = join(root, 'var/lib/ipcountry');
  const account = ['--system', '--user-group', '--no-create-home', '--home-dir', home];
  await runProgram('useradd', ...account, '--shell', '/usr/sbin/nologin', name);
}

/** @throws Fault file-write */
export function makeFolder({ path, owner }: PlannedFolder, root: string): void {
  try {
    mkdirSync(path, { recursive: true });
    if (owner === 'system') return;
    chownSync(path, idOf(root, 'passwd', USER)!, idOf(root, 'group', USER)!);
    chmodSync(path, 0o750);
  } catch (cause) {
    throw fault('file-write', path, (cause as NodeJS.ErrnoException).code ?? 'error');
  }
}

/**
 * Writes one file of the plan, if it is still as it was then.
 * @param configFile which one the program must be able to read before it is replaced
 * @throws Fault
 */
export function writeFile(file: PlannedFile, configFile: string, root: string): void {
  if (readText(file.file) !== file.before) throw fault('setup-meanwhile', file.file);
  if (file.file === configFile) proveConfig(file);
  // One that others can read is no place for a secret.
  if (file.secret && file.before !== undefined) chmodSync(file.file, SECRET);
  applyEdit(file, ownerOf(file, root));
}

/** Whose a file is where it is new: Asterisk's are as its others are. */
function ownerOf({ file, part }: PlannedFile, root: string): Owner | string {
  if (part === 'unit') return { uid: process.getuid!(), gid: process.getgid!(), mode: 0o644 };
  const model = join(dirname(file), part === 'manager' ? 'manager.conf' : 'extensions.conf');
  if (part !== 'config' && existsSync(model)) return model;
  const group = idOf(root, 'group', part === 'config' ? USER : 'asterisk');
  return { uid: process.getuid!(), gid: group ?? process.getgid!(), mode: SECRET };
}

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
