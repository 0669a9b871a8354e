import { formatAddress } from '../address/index.ts';
import { resolvedAddresses, type Subject, startNames } from '../policy/index.ts';
import type { Session } from './session.ts';

/**
 * Resolves the host names among `subjects` at once, so that a new rule works for the next call and
 * a mistyped name shows.
 * @returns addresses by name
 */
export async function resolveNow(
  session: Session,
  subjects: readonly Subject[],
): Promise<Map<string, string[]>> {
  const hosts = subjects.flatMap((subject) => (subject.kind === 'name' ? [subject.host] : []));
  const database = session.database();
  if (hosts.length > 0) {
    const { servers, interval } = session.config.names;
    const names = startNames({ database, log: session.log, servers, interval });
    await names.refresh(hosts);
    names.stop();
  }
  return new Map(hosts.map((host) => [host, resolvedAddresses(database, host).map(formatAddress)]));
}
