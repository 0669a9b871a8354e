import { readFileSync } from 'node:fs';
import { type Address, parseAddress } from '../address/index.ts';
import { isPort } from '../sip/index.ts';

/** Generations of processes to look through: shell, sudo, su, screen and the like. */
const MOST_PARENTS = 16;

/** The address that the administrator's SSH session comes from. */
export function sshAddress(): Address | undefined {
  const [client] = sshConnection();
  return client === undefined ? undefined : parseAddress(client);
}

/** The port of this host that the administrator's SSH session came in at. */
export function sshPort(): string | undefined {
  const port = sshConnection()[3];
  return port !== undefined && isPort(port) ? port : undefined;
}

/**
 * The words of SSH_CONNECTION: client address and port, server address and port. sudo takes it out
 * of the environment, so the parents' environments are looked at too, where they may be read.
 */
function sshConnection(): string[] {
  let connection = process.env['SSH_CONNECTION'];
  for (let pid = process.ppid, i = 0; !connection && pid > 1 && i < MOST_PARENTS; i++) {
    try {
      const environ = readFileSync(`/proc/${pid}/environ`, 'latin1');
      connection = /(?:^|\0)SSH_CONNECTION=([^\0]*)/.exec(environ)?.[1];
      // The name in brackets may hold anything; the parent's id is the second word after it.
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      pid = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    } catch {
      break;
    }
  }
  return connection?.split(' ') ?? [];
}
