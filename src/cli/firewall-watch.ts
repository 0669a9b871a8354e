import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config } from '../config.ts';
import { fault } from '../errors.ts';
import type { StartWatcher } from '../firewall/index.ts';

/** Ends what the watcher is given: less than all of it must never be loaded. */
export const WATCHER_END = '# end\n';
/** What it says when it has all it needs. */
export const WATCHER_READY = 'ready\n';

/** Milliseconds that it may take to start. */
const PATIENCE = 20_000;

const PROGRAM = fileURLToPath(new URL('../firewall-watcher.js', import.meta.url));

/** Starts it in a session of its own: neither the terminal's end nor ours is its end. */
export function watcherStarter(config: Config): StartWatcher {
  return async ({ token, until }, rollback) => {
    const database = resolve(config.databasePath);
    const task = JSON.stringify({ database, nft: config.firewall.nft, token, until });
    const child = spawn(process.execPath, [...process.execArgv, PROGRAM, task], {
      detached: true,
      cwd: '/',
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    child.stdin.on('error', () => {}); // its end says enough
    child.stdin.end(rollback + WATCHER_END);
    const signal = AbortSignal.timeout(PATIENCE);
    try {
      const said = await Promise.race([
        once(child.stdout, 'data', { signal }).then(String),
        once(child, 'exit', { signal }).then(([code]) => `it ended with ${code}`),
      ]);
      if (said !== WATCHER_READY) throw fault('firewall-watcher', said);
    } catch (cause) {
      child.kill('SIGKILL');
      throw signal.aborted ? fault('firewall-watcher', 'no answer') : cause;
    }
    child.stdout.destroy();
    child.unref();
    return { stop: () => void child.kill('SIGKILL') };
  };
}
