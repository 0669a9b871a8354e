import type { Address } from '../address/index.ts';

/** Which question the dialplan asks: may an anonymous caller come in, or an inbound route's one. */
export type Entry = 'external' | 'blacklist-check';

/** Where the call's packets really came from, as far as the channel could tell. */
export type Source =
  | { readonly kind: 'none' } // DAHDI, Local: the channel has no network source
  | { readonly kind: 'malformed'; readonly text: string }
  | { readonly kind: 'address'; readonly address: Address };

/**
 * The facts about one incoming call. Everything but `source`, `technology` and `uniqueid` is the
 * caller's own text: for matching and showing, never for acting on. So is `channel`: chan_sip names
 * it after the host of the From header.
 */
export interface Call {
  readonly entry: Entry;
  readonly source: Source;
  /** `PJSIP`, `SIP`, `IAX2`, …: agi_type. */
  readonly technology: string;
  readonly channel: string;
  readonly uniqueid: string;
  /** Who the caller says to be: Contact or From. */
  readonly sipuri: string;
  /** Host of the Request-URI. */
  readonly domain: string;
  /** What was dialled. */
  readonly extension: string;
  /** Caller ID number and name. */
  readonly number: string;
  readonly name: string;
  readonly agent: string;
}

/** A call of which nothing is known but where it comes from. */
export function blankCall(entry: Entry, source: Source): Call {
  return {
    entry,
    source,
    technology: '',
    channel: '',
    uniqueid: '',
    sipuri: '',
    domain: '',
    extension: '',
    number: '',
    name: '',
    agent: '',
  };
}
