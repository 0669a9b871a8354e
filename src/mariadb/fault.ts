import { isLoopback } from '../address/index.ts';
import { type Fault, fault } from '../errors.ts';
import type { MariaDbSettings, Naming } from './settings.ts';

/** MariaDB's names: account, password or host not welcome; database, table or column not for it. */
const REFUSED = new Set([
  ...['ER_ACCESS_DENIED_ERROR', 'ER_ACCESS_DENIED_NO_PASSWORD_ERROR', 'ER_HOST_NOT_PRIVILEGED'],
  ...['ER_DBACCESS_DENIED_ERROR', 'ER_TABLEACCESS_DENIED_ERROR', 'ER_COLUMNACCESS_DENIED_ERROR'],
]);

/**
 * What went wrong with the database, for the administrator. Only the code of `cause` is shown: its
 * message may hold anything.
 */
export function databaseFault(cause: unknown, settings: MariaDbSettings, naming: Naming): Fault {
  // Without a code is what only a server that is no MariaDB brings about.
  const { code = 'no MariaDB there' } = cause as NodeJS.ErrnoException;
  const { user, database, host, port, socket } = settings;
  const { owner, keyOf } = naming;
  if (REFUSED.has(code)) {
    const keys = `${keyOf('user')} and ${keyOf('password')}`;
    return fault('mariadb-refused', owner, account(settings), user, database || '*', keys);
  }
  const absent = (what: string) => fault('mariadb-not', owner, database, what, keyOf('database'));
  if (code === 'ER_BAD_DB_ERROR') return absent('no such database');
  if (code === 'ER_NO_SUCH_TABLE' || code === 'ER_BAD_FIELD_ERROR') return absent('no such table');
  const where = socket ?? (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`);
  const keys = `${keyOf('host')} and ${keyOf('port')}, or ${keyOf('socket')}`;
  return fault('mariadb-unreachable', owner, where, code, keys);
}

/** The account as SQL names it. MariaDB calls whoever comes over loopback or the socket localhost. */
function account({ user, host, socket }: MariaDbSettings): string {
  const local = socket !== undefined || isLoopback(host);
  return `'${user.replaceAll("'", "''")}'@'${local ? 'localhost' : '%'}'`;
}
