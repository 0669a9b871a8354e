import type { AmiConnection, AmiMessage } from '../ami/index.ts';
import { placeOfAddress, placeOfHost } from './inventory-place.ts';
import type { Peer } from './peer.ts';

type Classic = 'SIP' | 'IAX2';

const ACTIONS = {
  SIP: { peers: 'SIPpeers', registry: 'SIPshowregistry' },
  IAX2: { peers: 'IAXpeerlist', registry: 'IAXregistry' },
} as const;

/** Peers of chan_sip or chan_iax2: phones (`host=dynamic`) and trunks. */
export async function readClassicPeers(
  connection: AmiConnection,
  technology: Classic,
): Promise<Peer[]> {
  const peers = await connection.list(ACTIONS[technology].peers);
  return peers.map((event) => ({
    ...blank(technology, event['ObjectName'] ?? ''),
    ...placeOfAddress(event['IPaddress'] ?? ''),
    role: event['Dynamic'] === 'yes' ? 'phone' : 'trunk',
    kind: 'peer',
    status: event['Status'] ?? '',
  }));
}

/** Where chan_sip or chan_iax2 registers. */
export async function readRegistry(
  connection: AmiConnection,
  technology: Classic,
): Promise<Peer[]> {
  const registry = await connection.list(ACTIONS[technology].registry);
  return registry.map((event: AmiMessage) => ({
    ...blank(technology, event['Username'] ?? ''),
    ...placeOfHost(event['Host'] ?? ''),
    role: 'trunk',
    kind: 'registration',
    status: event['State'] ?? '',
  }));
}

function blank(technology: Classic, name: string) {
  return { technology, name, contact: undefined, callId: undefined, agent: '' };
}
