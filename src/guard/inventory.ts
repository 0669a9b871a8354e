import { single } from '../address/index.ts';
import type { AmiConnection } from '../ami/index.ts';
import { fault } from '../errors.ts';
import type { Names } from '../policy/index.ts';
import { readClassicPeers, readRegistry } from './inventory-classic.ts';
import { readConfigured, readContacts, readRegistrations } from './inventory-pjsip.ts';
import type { Peer } from './peer.ts';

export { isConfigured } from './inventory-pjsip.ts';

/** An action of the class `system` alone, as PJSIP's are; every Asterisk has it. */
const SYSTEM_ACTION = 'DBDel';

export interface ReadOptions {
  /**
   * What {@link isConfigured} picked from an earlier inventory, to be used again: it costs an action
   * for each endpoint, and changes only when Asterisk reads its configuration.
   */
  readonly identifies?: readonly Peer[];
}

/**
 * All that Asterisk knows of where its endpoints are: registered phones, configured trunks and where
 * Asterisk itself registers. A channel driver that is not loaded has nothing.
 * @throws Fault of the connection, ami-permission
 */
export async function readPeers(
  connection: AmiConnection,
  options: ReadOptions = {},
): Promise<Peer[]> {
  // It names only what is loaded and allowed. Asking for anything else would make Asterisk report a
  // security event about us.
  const actions = await connection.send('ListCommands');
  if (!(SYSTEM_ACTION in actions)) throw fault('ami-permission', 'PJSIPShowContacts');
  const reads: Promise<readonly Peer[]>[] = [];
  if ('PJSIPShowContacts' in actions) {
    reads.push(readContacts(connection));
    reads.push(
      options.identifies ? Promise.resolve(options.identifies) : readConfigured(connection),
    );
  }
  if ('PJSIPShowRegistrationsOutbound' in actions) reads.push(readRegistrations(connection));
  if ('SIPpeers' in actions) {
    reads.push(readClassicPeers(connection, 'SIP'), readRegistry(connection, 'SIP'));
  }
  if ('IAXpeerlist' in actions) {
    reads.push(readClassicPeers(connection, 'IAX2'), readRegistry(connection, 'IAX2'));
  }
  return (await Promise.all(reads)).flat();
}

/**
 * Trunks that are known by name, once for each of its addresses; one whose name has none stays as it
 * is. Names that phones claim are not looked up: they would have us ask for whatever they like.
 */
export async function resolvePeers(
  peers: readonly Peer[],
  names: Pick<Names, 'lookUp'>,
): Promise<Peer[]> {
  const byName = ({ role, range, host }: Peer) => role === 'trunk' && !range && host !== undefined;
  const hosts = [...new Set(peers.filter(byName).map(({ host }) => host!))];
  const found = new Map(
    await Promise.all(hosts.map(async (host) => [host, await names.lookUp(host)] as const)),
  );
  return peers.flatMap((peer) => {
    const addresses = byName(peer) ? found.get(peer.host!)! : [];
    if (addresses.length === 0) return [peer];
    return addresses.map((address) => ({ ...peer, range: single(address) }));
  });
}
