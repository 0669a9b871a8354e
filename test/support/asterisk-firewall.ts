import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { runAtPbx } from './asterisk-guard.ts';
import type { Pbx } from './asterisk-pbx.ts';
import type { World } from './netns-world.ts';

/** `ipcountry …` in the PBX's namespace; what it prints. @throws Error where it fails */
export type PbxCommand = (...argv: readonly string[]) => Promise<string>;

/** @param env more variables, for each command */
export function commandAt(pbx: () => Pbx, env: () => NodeJS.ProcessEnv = () => ({})): PbxCommand {
  return async (...argv) => {
    const { code, out, err } = await runAtPbx(pbx(), argv, env());
    if (code !== 0) throw new Error(`${argv.join(' ')}: ${err}`);
    return out;
  };
}

/** Puts our table up at a level, and confirms it. */
export async function raiseFirewall(command: PbxCommand, level: string): Promise<void> {
  await command('firewall', 'apply', '--level', level);
  await command('firewall', 'confirm');
}

/** Starts a program of this folder at a place, and waits until it has said that it is ready. */
export async function startTool(
  place: World['atPbx'],
  name: string,
  ...argv: readonly string[]
): Promise<ChildProcess> {
  const child = place([process.execPath, here(name), ...argv], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child.stdout!, 'data');
  return child;
}

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
