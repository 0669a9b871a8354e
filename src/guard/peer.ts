import type { AddressRange } from '../address/index.ts';

export type Technology = 'PJSIP' | 'SIP' | 'IAX2';

/** One address, or host, at which Asterisk knows an endpoint. */
export interface Peer {
  readonly technology: Technology;
  /** Endpoint, peer, or the account of an outbound registration. */
  readonly name: string;
  /**
   * A `phone` registered from wherever it is; the address of a `trunk` was configured: a static
   * contact or peer, an identify match, an outbound registration.
   */
  readonly role: 'phone' | 'trunk';
  readonly kind: 'contact' | 'peer' | 'identify' | 'registration';
  /** Where it is; undefined where only a host name is known, or nothing. */
  readonly range: AddressRange | undefined;
  /** As configured or registered, where it is no address. */
  readonly host: string | undefined;
  /** PJSIP contacts: the key under `registrar/contact` in AstDB. */
  readonly contact: string | undefined;
  /** PJSIP contacts: the Call-ID of the REGISTER that made it. */
  readonly callId: string | undefined;
  /** What the phone calls itself; its own text. */
  readonly agent: string;
  /** Asterisk's word for its state. */
  readonly status: string;
}
