import type { AmiConnection, AmiMessage } from '../ami/index.ts';
import { type Place, placeOfUri, placesOfMatch } from './inventory-place.ts';
import type { Peer } from './peer.ts';

/** Registered contacts: `AOR;@hash` is their key in AstDB; one of pjsip.conf is `AOR@@hash`. */
const REGISTERED = /;@[^;@]*$/;

/** Phones: whoever has registered. */
export async function readContacts(connection: AmiConnection): Promise<Peer[]> {
  const contacts = await connection.list('PJSIPShowContacts');
  return contacts
    .filter(({ ObjectName = '' }) => REGISTERED.test(ObjectName))
    .map((event) => ({
      ...blank(event['Endpoint'] ?? '', placeOfUri(event['Uri'] ?? '')),
      role: 'phone',
      kind: 'contact',
      contact: event['ObjectName'],
      callId: event['CallId'] || undefined,
      agent: event['UserAgent'] ?? '',
      status: event['Status'] ?? '',
    }));
}

/**
 * What pjsip.conf says of where endpoints are: identify matches and contacts of its own. Only an
 * action for each endpoint tells; they change when Asterisk reads its configuration.
 */
export async function readConfigured(connection: AmiConnection): Promise<Peer[]> {
  const endpoints = await connection.list('PJSIPShowEndpoints');
  const found = await Promise.all(
    endpoints.map(async ({ ObjectName = '' }) => {
      // Some 4 KB each, of which almost nothing is kept: not all of it at a time.
      const details = await connection.list('PJSIPShowEndpoint', { Endpoint: ObjectName });
      return details.flatMap(configuredPeers);
    }),
  );
  return found.flat();
}

/** Whether it is one of those that {@link readConfigured} finds. */
export function isConfigured({ technology, role, kind }: Peer): boolean {
  return (
    technology === 'PJSIP' && (kind === 'identify' || (kind === 'contact' && role === 'trunk'))
  );
}

function configuredPeers(event: AmiMessage): Peer[] {
  const name = event['EndpointName'] ?? '';
  if (event['Event'] === 'IdentifyDetail') {
    return placesOfMatch(event['Match'] ?? '').map((place) => ({
      ...blank(name, place),
      role: 'trunk',
      kind: 'identify',
    }));
  }
  if (event['Event'] !== 'ContactStatusDetail' || REGISTERED.test(event['ID'] ?? '')) return [];
  const place = placeOfUri(event['URI'] ?? '');
  return [{ ...blank(name, place), role: 'trunk', kind: 'contact', status: event['Status'] ?? '' }];
}

/** Where we register; a proxy in between is who calls come from. */
export async function readRegistrations(connection: AmiConnection): Promise<Peer[]> {
  const registrations = await connection.list('PJSIPShowRegistrationsOutbound');
  return registrations.flatMap((event) => {
    const { ObjectName = '', ServerUri = '', OutboundProxy = '', Status = '' } = event;
    const uris = [ServerUri, OutboundProxy].filter((uri) => uri !== '');
    return uris.map((uri) => ({
      ...blank(ObjectName, placeOfUri(uri)),
      role: 'trunk' as const,
      kind: 'registration' as const,
      status: Status,
    }));
  });
}

function blank(name: string, place: Place): Omit<Peer, 'role' | 'kind'> {
  const none = { contact: undefined, callId: undefined, agent: '', status: '' };
  return { technology: 'PJSIP', name, ...place, ...none };
}
