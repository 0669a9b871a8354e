import type { Address } from '../address/index.ts';

/** Registrations remembered; a phone that registered longest ago is forgotten first. */
const MOST = 20_000;

/**
 * Where phones really registered from. A contact's URI is what the phone claims (unless
 * rewrite_contact is on); the SuccessfulAuth of its REGISTER names the packets' source, and the two
 * have the Call-ID in common.
 */
export interface Logins {
  remember(callId: string, source: Address): void;
  source(callId: string | undefined): Address | undefined;
}

export function createLogins(): Logins {
  const sources = new Map<string, Address>();
  return {
    remember(callId, source) {
      if (callId === '') return;
      sources.delete(callId); // the newest stand last
      sources.set(callId, source);
      if (sources.size > MOST) sources.delete(sources.keys().next().value!);
    },
    source: (callId) => (callId === undefined ? undefined : sources.get(callId)),
  };
}
