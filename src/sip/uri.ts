import { type Address, parseAddress } from '../address/index.ts';
import { percentDecode } from './percent.ts';
import { isPort } from './source.ts';

/** Where a SIP URI points: a host name (lower case, no final dot) or an address. */
export type Host =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'address'; readonly address: Address };

/** RFC 3261 section 19.1. Names of parameters and headers are lower case. */
export interface SipUri {
  readonly scheme: 'sip' | 'sips';
  /** Decoded, and as it was written; undefined where the URI has no user part. */
  readonly user: string | undefined;
  readonly rawUser: string | undefined;
  /** As it was written. */
  readonly password: string | undefined;
  readonly host: Host;
  readonly port: number | undefined;
  /** Decoded; '' for a parameter without value (`;lr`). */
  readonly parameters: ReadonlyMap<string, string>;
  /** Decoded, in order; a header may stand several times. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** RFC 3966. */
export interface TelUri {
  readonly scheme: 'tel';
  /** With its visual separators: `+1-201-555-0123`. */
  readonly number: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** Any other scheme (RFC 3261 allows it in From and To); what follows it is not looked into. */
export interface OtherUri {
  readonly scheme: 'other';
  readonly name: string;
  readonly opaque: string;
}

export type Uri = SipUri | TelUri | OtherUri;

const SCHEME = /^([A-Za-z][A-Za-z0-9+.-]{0,31}):/;
// The sets of RFC 3261 section 25.1. Beyond them `#` and raw UTF-8 are taken in the user part, since
// phones send them unescaped, and a `%` that begins no escape.
const USER = /^[\w\-.!~*'()&=+$,;?/%#\u00a1-\uffff]+$/;
const PASSWORD = /^[\w\-.!~*'()&=+$,%\u00a1-\uffff]*$/;
const PARAMETER = /^[\w\-.!~*'()[\]/:&+$%]+$/;
const HEADER = /^[\w\-.!~*'()[\]/?:+$%]*$/;
const TEL_NUMBER = /^\+?[0-9A-Fa-f*#().-]*[0-9A-Fa-f*#][0-9A-Fa-f*#().-]*$/;
const OPAQUE = /^[^\s<>"\u0000-\u001f\u007f-\u00a0]+$/;
const LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;
const LONGEST_NAME = 254;
const LONGEST_NUMBER = 128;

/**
 * Reads a URI as it stands in a Request-URI or between `<` and `>`. Whatever it says is the
 * caller's own text.
 * @returns undefined where it is malformed; never throws, time linear in the text's length
 */
export function parseUri(text: string): Uri | undefined {
  const scheme = SCHEME.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return undefined;
  const rest = text.slice(scheme.length + 1);
  if (scheme === 'sip' || scheme === 'sips') return parseSip(scheme, rest);
  if (scheme === 'tel') return parseTel(rest);
  return OPAQUE.test(rest) ? { scheme: 'other', name: scheme, opaque: rest } : undefined;
}

function parseSip(scheme: SipUri['scheme'], rest: string): SipUri | undefined {
  // `;` and `?` may stand in the user part, so that is taken off first (RFC 4475, 3.1.1.9).
  const at = rest.indexOf('@');
  const userinfo = at < 0 ? undefined : parseUserinfo(rest.slice(0, at));
  if (at >= 0 && !userinfo) return undefined;

  const [front, headerText] = cut(rest.slice(at + 1), '?');
  const [hostport, parameterText] = cut(front, ';');
  const where = parseHostport(hostport);
  const parameters = parseParameters(parameterText);
  const headers = parseHeaders(headerText);
  if (!where || !parameters || !headers) return undefined;
  const { user, password } = userinfo ?? {};
  return {
    scheme,
    user: user === undefined ? undefined : percentDecode(user),
    rawUser: user,
    password,
    ...where,
    parameters,
    headers,
  };
}

/** The text before and behind the first `mark`; nothing behind where there is none. */
function cut(text: string, mark: string): [string, string | undefined] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function parseUserinfo(text: string) {
  const [user, password] = cut(text, ':');
  return USER.test(user) && PASSWORD.test(password ?? '') ? { user, password } : undefined;
}

function parseHostport(text: string): Pick<SipUri, 'host' | 'port'> | undefined {
  const end = text.startsWith('[') ? text.indexOf(']') + 1 : text.indexOf(':');
  const hostText = end > 0 ? text.slice(0, end) : text;
  const tail = text.slice(hostText.length);
  const host = parseHost(hostText);
  if (!host) return undefined;
  if (tail === '') return { host, port: undefined };
  return tail.startsWith(':') && isPort(tail.slice(1))
    ? { host, port: Number(tail.slice(1)) }
    : undefined;
}

/** A host of RFC 3261: IPv6 only in brackets, and no name that could be mistaken for an address. */
export function parseHost(text: string): Host | undefined {
  if (text.length > LONGEST_NAME) return undefined;
  if (text.startsWith('[')) {
    const inner = text.endsWith(']') ? text.slice(1, -1) : '';
    // The grammar knows no zone id.
    return inner.includes(':') && !inner.includes('%') ? hostOf(parseAddress(inner)) : undefined;
  }
  if (text.includes(':')) return undefined;
  const address = hostOf(parseAddress(text));
  if (address) return address;
  const name = (text.endsWith('.') ? text.slice(0, -1) : text).toLowerCase();
  const labels = name.split('.');
  // A top label begins with a letter: `10.1` and `010.0.0.1` are neither name nor address.
  return labels.every((label) => LABEL.test(label)) && /^[a-z]/.test(labels.at(-1)!)
    ? { kind: 'name', name }
    : undefined;
}

function hostOf(address: Address | undefined): Host | undefined {
  return address && { kind: 'address', address };
}

function parseTel(rest: string): TelUri | undefined {
  const [number, parameterText] = cut(rest, ';');
  const parameters = parseParameters(parameterText);
  if (number.length > LONGEST_NUMBER || !TEL_NUMBER.test(number) || !parameters) return undefined;
  return { scheme: 'tel', number, parameters };
}

/** No name may stand twice (section 19.1.1). */
function parseParameters(text: string | undefined): Map<string, string> | undefined {
  const parameters = new Map<string, string>();
  if (text === undefined) return parameters;
  for (const part of text.split(';')) {
    const [rawName, value] = cut(part, '=');
    const name = percentDecode(rawName).toLowerCase();
    if (!PARAMETER.test(rawName) || parameters.has(name)) return undefined;
    if (value !== undefined && !PARAMETER.test(value)) return undefined;
    parameters.set(name, percentDecode(value ?? ''));
  }
  return parameters;
}

function parseHeaders(text: string | undefined): [string, string][] | undefined {
  if (text === undefined) return [];
  const headers: [string, string][] = [];
  for (const part of text.split('&')) {
    const [name, value] = cut(part, '=');
    if (name === '' || value === undefined) return undefined;
    if (!HEADER.test(name) || !HEADER.test(value)) return undefined;
    headers.push([percentDecode(name).toLowerCase(), percentDecode(value)]);
  }
  return headers;
}
