import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Asterisk, DialplanKind } from './asterisk.ts';
import type { Pbx } from './asterisk-pbx.ts';
import type { Ran } from './cli.ts';
import { outcome } from './program.ts';

/** How the console of a test's Asterisk is called, for `--asterisk`. */
export function consoleOf({ pid, version }: Asterisk): string {
  return `nsenter --mount=/proc/${pid}/ns/mnt chroot ${version.root} asterisk -C /mnt/etc/asterisk.conf`;
}

/** Takes our dialplan out, as if ipcountry had never been there. */
export async function takeDialplanOut({ etc, rx }: Asterisk, kind: DialplanKind): Promise<void> {
  if (kind === 'freepbx') writeFileSync(join(etc, 'extensions_override_freepbx.conf'), '');
  else {
    const file = join(etc, 'extensions.conf');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/^#include ipcountry\.conf\n/m, ''));
    rmSync(join(etc, 'ipcountry.conf'));
  }
  await rx('dialplan reload');
}

/** Where the server of a PBX has its configuration and database. */
export function serverFolder(pbx: Pbx): string {
  return dirname(pbx.server.command.at(-1)!);
}

/** `ipcountry` in the PBX's namespace, with nothing of this shell. */
export function atPbx(pbx: Pbx, ...argv: readonly string[]): Promise<Ran> {
  const env = { PATH: process.env['PATH'] ?? '', IPCOUNTRY_NAMES_SERVERS: '127.0.0.1' };
  const options = { env, stdio: ['ignore', 'pipe', 'pipe'] } as const;
  return outcome(
    pbx.world.atPbx([...pbx.server.command, ...argv], { ...options, stdio: [...options.stdio] }),
  );
}

/** Every file of the folders with its bytes and its mode; the database and logs left out. */
export function snapshot(...folders: readonly string[]): Record<string, string> {
  const all: Record<string, string> = {};
  for (const folder of folders) {
    for (const name of readdirSync(folder).sort()) {
      if (/\.db|^log$|^mails$/.test(name)) continue;
      const file = join(folder, name);
      all[file] = `${(statSync(file).mode & 0o7777).toString(8)} ${readFileSync(file, 'latin1')}`;
    }
  }
  return all;
}
