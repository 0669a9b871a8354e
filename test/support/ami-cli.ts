import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { type Ran, ran } from './cli.ts';
import { countryFile } from './mmdb.ts';
import type { World } from './netns-world.ts';

/** The command line beside Asterisk: in the PBX's namespace, with a database of its own. */
export interface PbxShell {
  (...argv: readonly string[]): Promise<Ran>;
  /** The built program, for node. */
  readonly program: string;
  /** May be changed. */
  readonly env: Record<string, string>;
  remove(): void;
}

/** @param countries network → country */
export function openPbxShell(
  world: World,
  secret: string,
  countries: Readonly<Record<string, string>>,
): PbxShell {
  const folder = mkdtempSync(join(tmpdir(), 'ipcountry-cli-'));
  const program = join(inject('programFolder'), 'dist/main.js');
  writeFileSync(join(folder, 'country.mmdb'), countryFile(countries));
  const env: Record<string, string> = {
    PATH: process.env['PATH'] ?? '',
    IPCOUNTRY_DATABASE_PATH: join(folder, 'ipcountry.db'),
    IPCOUNTRY_COUNTRY_PATH: join(folder, 'country.mmdb'),
    IPCOUNTRY_NAMES_SERVERS: '127.0.0.1', // nobody answers there, and the kernel says so at once
    IPCOUNTRY_AMI_PORT: '5038',
    IPCOUNTRY_AMI_USER: 'guard',
    IPCOUNTRY_AMI_SECRET: secret,
  };
  const shell = async (...argv: readonly string[]) => {
    const child = world.atPbx([process.execPath, program, ...argv], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const texts = ['', ''];
    for (const [i, stream] of [child.stdout!, child.stderr!].entries()) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        texts[i] += text;
      });
    }
    const [code] = await once(child, 'close');
    return ran(code as number, texts[0]!, texts[1]!);
  };
  return Object.assign(shell, { program, env, remove: () => rmSync(folder, { recursive: true }) });
}
