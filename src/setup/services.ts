import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Edit, readText, toBytes } from '../edits.ts';
import { fault } from '../errors.ts';
import { runProgram } from './run-program.ts';

export const SERVER = 'ipcountry.service';
export const GUARD = 'ipcountry-guard.service';

/** Under which the services run. */
export const USER = 'ipcountry';

/** What systemd knows of ours. */
export interface FoundServices {
  /** Whether this system was started by systemd. */
  readonly systemd: boolean;
  /** Whether the units came with the package: then they are not ours to write. */
  readonly packaged: boolean;
  /** Units that run, and are started at boot. */
  readonly running: readonly string[];
  /** Units that run, whoever started them. */
  readonly active: readonly string[];
}

const UNITS = new URL('../../systemd/', import.meta.url);
const PACKAGED = ['usr/lib/systemd/system', 'lib/systemd/system'];
const WRITTEN = 'etc/systemd/system';

/** @param root where the system begins: `/` */
export async function findServices(root: string): Promise<FoundServices> {
  const systemd = existsSync(join(root, 'run/systemd/system'));
  const units = systemd ? [SERVER, GUARD] : [];
  const active = await those(units, (unit) => holds('is-active', unit));
  const running = await those(active, (unit) => holds('is-enabled', unit));
  const packaged = PACKAGED.some((folder) => existsSync(join(root, folder, SERVER)));
  return { systemd, packaged, running, active };
}

async function those(units: readonly string[], hold: (unit: string) => Promise<boolean>) {
  const answers = await Promise.all(units.map(hold));
  return units.filter((_, i) => answers[i]);
}

function holds(question: 'is-enabled' | 'is-active', unit: string): Promise<boolean> {
  return runProgram('systemctl', '--quiet', question, unit).then(
    () => true,
    () => false,
  );
}

/** Starts a unit, now and at each boot. @throws Fault setup-program */
export async function startService(unit: string): Promise<void> {
  await runProgram('systemctl', 'enable', '--now', unit);
}

/** How the program is called, where it was not installed as a package. */
export interface Installed {
  /** dist/main.js. */
  readonly main: string;
  /** The node program. */
  readonly node: string;
}

export function installed(): Installed {
  return { main: fileURLToPath(new URL('../main.js', import.meta.url)), node: process.execPath };
}

/**
 * The units for a program that did not come as a package.
 * @throws Fault where it stands where services may not look
 */
export function unitEdits(root: string, program: Installed): Edit[] {
  for (const path of [program.main, program.node]) {
    if (/^\/(?:home|root|run\/user)\//.test(path)) throw fault('setup-services-home', path);
  }
  const names = readdirSync(UNITS).filter((name) => name.endsWith('.service'));
  return names.map((name) => {
    const file = join(root, WRITTEN, name);
    const after = toBytes(forProgram(readFileSync(new URL(name, UNITS), 'utf8'), program));
    return { file, before: readText(file), after };
  });
}

/** The program's first line looks for `node` on the path, where it may not be for services. */
function forProgram(unit: string, { main, node }: Installed): string {
  const path = [dirname(node), '/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin'];
  return unit
    .replace(/^(Exec\w+=)\/usr\/bin\/ipcountry\b/gm, (_, key) => `${key}${quoted(main)}`)
    .replace(/^RequiresMountsFor=.*$/m, (line) => `${line} ${quoted(dirname(main))}`)
    .replace(/^\[Service\]$/m, `[Service]\nEnvironment=${quoted(`PATH=${path.join(':')}`)}`);
}

/** As systemd reads its files (systemd.syntax(7)). */
function quoted(text: string): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%');
  return /[\s"'\\]/.test(text) ? `"${escaped}"` : escaped;
}

/** The user's entry, as /etc/passwd or /etc/group has it. @returns its number */
export function idOf(root: string, file: 'passwd' | 'group', name: string): number | undefined {
  const text = readText(join(root, 'etc', file)) ?? '';
  const entry = text.split('\n').find((line) => line.startsWith(`${name}:`));
  return entry === undefined ? undefined : Number(entry.split(':')[2]);
}
