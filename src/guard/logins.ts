import type { Address } from '../address/index.ts';
import type { Peer } from './peer.ts';
import type { SecurityEvent } from './security-event.ts';

/** Registrations remembered; who logged in longest ago is forgotten first. */
const MOST = 20_000;

/**
 * Where phones really registered from. A contact is what the phone claims (PJSIP: unless
 * rewrite_contact is on; chan_sip: unless it notices NAT); the SuccessfulAuth of its REGISTER names
 * the packets' source. PJSIP has the Call-ID in both, chan_sip knows one registration for each peer.
 */
export interface Logins {
  remember(login: SecurityEvent): void;
  /** @returns undefined where no log-in of the peer has been seen */
  source(peer: Peer): Address | undefined;
}

export function createLogins(): Logins {
  const sources = new Map<string, Address>();
  return {
    remember({ service, session, account, source }) {
      const key = service === 'PJSIP' ? `PJSIP ${session}` : `${service} ${account}`;
      sources.delete(key); // the newest stand last
      sources.set(key, source);
      if (sources.size > MOST) sources.delete(sources.keys().next().value!);
    },
    source: ({ technology, callId, name }) =>
      sources.get(technology === 'PJSIP' ? `PJSIP ${callId}` : `${technology} ${name}`),
  };
}
