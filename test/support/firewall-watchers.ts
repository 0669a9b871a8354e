import { readdirSync, readFileSync } from 'node:fs';
import type { FirewallWorld } from './firewall-world.ts';

/** Processes that watch over a trial of this PBX. */
export function watchers({ env }: FirewallWorld): number[] {
  return readdirSync('/proc').flatMap((name) => {
    try {
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8');
      const ours = command.includes('firewall-watcher.js');
      return ours && command.includes(env['IPCOUNTRY_DATABASE_PATH']!) ? Number(name) : [];
    } catch {
      return []; // it has ended
    }
  });
}

export function killWatchers(pbx: FirewallWorld): void {
  for (const pid of watchers(pbx)) process.kill(pid, 'SIGKILL');
}
