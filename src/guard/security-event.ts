import type { Address } from '../address/index.ts';
import type { AmiMessage } from '../ami/index.ts';
import { parseSource } from '../sip/index.ts';

/**
 * Events of Asterisk's security class that tell of somebody who could not log in (event names of
 * main/manager.c's security class, fields of main/security_events.c).
 */
const FAILURES: ReadonlySet<string> = new Set([
  'ChallengeResponseFailed',
  'FailedACL',
  'InvalidAccountID',
  'InvalidPassword',
  'RequestBadFormat',
  'UnexpectedAddress',
]);

/** Somebody logged in, or failed to. */
export interface SecurityEvent {
  readonly kind: 'success' | 'failure';
  /** Asterisk's name for it: `SuccessfulAuth`, `InvalidPassword`, … */
  readonly name: string;
  /** The channel driver: `PJSIP`, `SIP`. */
  readonly service: string;
  /** Where the packets came from. */
  readonly source: Address;
  /** `UDP`, `TCP`, `TLS`, `WS`, `WSS`; empty where Asterisk does not tell. */
  readonly transport: string;
  /** The account that was used or tried: with a failure, the attacker's own text. */
  readonly account: string;
  /** PJSIP: the Call-ID. */
  readonly session: string;
}

/**
 * chan_pjsip names the endpoint that stands in for accounts it does not know so, and has told of the
 * same packet as InvalidAccountID: one failure must not count twice.
 */
const UNKNOWN = '<unknown>';

/** Services whose log-ins are of phones and trunks; a manager account is none. */
const SERVICES: ReadonlySet<string> = new Set(['PJSIP', 'SIP']); // chan_iax2 has no such events

/** @returns undefined for events of any other kind, and for those that name no source */
export function readSecurityEvent(event: AmiMessage): SecurityEvent | undefined {
  const { Event: name = '', Service: service = '', AccountID: account = '' } = event;
  const kind = name === 'SuccessfulAuth' ? 'success' : FAILURES.has(name) ? 'failure' : undefined;
  if (!kind || !SERVICES.has(service) || account === UNKNOWN) return undefined;
  const remote = parseRemote(event['RemoteAddress'] ?? '');
  if (!remote) return undefined;
  return {
    kind,
    name,
    ...remote,
    service,
    account,
    session: event['SessionID'] ?? '',
  };
}

/**
 * `IPV4/UDP/192.0.2.7/5060`, `IPV6/TLS/2001:db8::7/5061`; the transport can be missing, with its
 * slash or without (main/security_events.c, SECURITY_EVENT_BUF of add_ipv4_ie).
 */
function parseRemote(text: string): Pick<SecurityEvent, 'source' | 'transport'> | undefined {
  const parts = text.split('/');
  if (!/^IPV[46]$/i.test(parts[0] ?? '') || parts.length < 3 || parts.length > 4) return undefined;
  const source = parseSource(parts.at(-2)!);
  const transport = parts.length === 4 ? parts[1]! : '';
  return source && { source, transport: /^[A-Z]{0,8}$/.test(transport) ? transport : '' };
}
