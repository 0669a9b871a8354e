import { askAsterisk } from '../asterisk/index.ts';
import { reloadDialplan } from '../dialplan/index.ts';
import type { Reload } from './plan.ts';
import { runProgram } from './run-program.ts';

/** @throws Fault where it can't be asked, or refuses */
export async function reload(what: Reload, console: string | undefined): Promise<void> {
  if (what === 'systemd') await runProgram('systemctl', 'daemon-reload');
  if (console === undefined) return;
  if (what === 'manager') await askAsterisk(console, 'manager reload');
  if (what === 'dialplan') await reloadDialplan(console);
}
