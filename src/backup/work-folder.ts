import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fault } from '../errors.ts';

/** For large files, and where nobody else can put another folder in its place (sticky). */
const PLACE = '/var/tmp';

/**
 * A folder for nobody else's eyes (mode 0700): databases and secrets lie in it for a while.
 * @throws Fault file-write
 */
export function workFolder(): { readonly folder: string; remove(): void } {
  const parent = process.env['TMPDIR'] ?? (existsSync(PLACE) ? PLACE : tmpdir());
  try {
    const folder = mkdtempSync(join(parent, 'ipcountry-backup-'));
    return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
  } catch (cause) {
    throw fault('file-write', parent, (cause as NodeJS.ErrnoException).code ?? 'error');
  }
}
