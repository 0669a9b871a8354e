import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';

/** Where scripts/lab makes the Asterisk systems. */
export const LAB = process.env['IPCOUNTRY_LAB'] ?? '/var/cache/ipcountry-lab';

/** An Asterisk of the lab. `channel` is the technology that SIP calls come in on. */
export interface AsteriskVersion {
  readonly name: 'Asterisk 22' | 'Asterisk 16';
  readonly channel: 'PJSIP' | 'SIP';
  /** Its root folder. */
  readonly root: string;
  /** Folder of test/asterisk/config with what only this version needs. */
  readonly config: string;
  /** Inside the root folder. */
  readonly modules: string;
}

export const VERSIONS: readonly AsteriskVersion[] = [
  {
    name: 'Asterisk 22',
    channel: 'PJSIP',
    root: join(LAB, 'asterisk22'),
    config: 'asterisk22',
    modules: '/usr/lib/x86_64-linux-gnu/asterisk/modules',
  },
  {
    name: 'Asterisk 16',
    channel: 'SIP',
    root: join(LAB, 'asterisk16'),
    config: 'asterisk16',
    modules: '/usr/lib/asterisk/modules',
  },
];

/** vitest runs every file once for each version, as projects of their names. */
export function versionUnderTest(): AsteriskVersion {
  return VERSIONS.find(({ name }) => name === inject('asterisk'))!;
}

/** @throws Error when the lab has not been made */
export function requireLab(): void {
  for (const { name, root } of VERSIONS) {
    if (!existsSync(join(root, 'usr/sbin/asterisk'))) {
      throw new Error(`${name} is not in ${root}: run scripts/lab as root first`);
    }
  }
}
