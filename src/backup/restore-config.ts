import { existsSync, readFileSync } from 'node:fs';
import { loadConfig } from '../config.ts';
import { Fault, fault } from '../errors.ts';
import { type Owner, replaceFile } from '../replace-file.ts';
import type { OpenBackup } from './open.ts';

/** @throws Fault where the backup's configuration can't be used by this program */
export function checkConfig({ file, config, secrets }: OpenBackup): void {
  if (config === undefined) throw fault('backup-no-config', file);
  // Its secrets are still where they were unpacked.
  const env = secrets.map(({ key, unpacked }) => [
    `IPCOUNTRY_${key.replace('.', '_').toUpperCase()}_FILE`,
    unpacked,
  ]);
  try {
    loadConfig(config, Object.fromEntries(env));
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    throw fault('backup-config', file, cause.message.replaceAll(config, 'ipcountry.toml'));
  }
}

/**
 * Puts the backup's configuration in place, the files with secrets first, each of them whole or not
 * at all.
 * @param target where the configuration goes
 * @throws Fault file-write
 */
export function restoreConfig({ config, secrets }: OpenBackup, target: string): void {
  const like = existsSync(target) ? target : ownAlone();
  for (const { path, unpacked } of secrets) replaceFile(path, readFileSync(unpacked), like);
  replaceFile(target, readFileSync(config!), like);
}

/** A file with secrets that is new here: for others the administrator has to open it. */
function ownAlone(): Owner {
  return { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, mode: 0o600 };
}
