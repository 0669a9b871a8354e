import { type AddressRange, formatRange, parseRange } from '../address/index.ts';
import { isCountryCode, suggestCountry } from '../country/codes.ts';
import { fault } from '../errors.ts';
import type { Subject } from './types.ts';

/**
 * RFC 1123 labels, at least two. The last begins with a letter (section 2.1: it is alphabetic), so
 * that a mistaken address (`1.2.3`, `192.0.2.1-9`) does not pass for a name that never resolves.
 */
const HOST_NAME =
  /^(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/;

const MOST_ASN = 4_294_967_295; // RFC 6793

/**
 * Reads what a rule is about: a country (`US`), a network operator (`AS64500`), an address, CIDR
 * or range, or a host name with at least one dot.
 * @throws Fault that says what is wrong with it and, where it can, what was meant
 */
export function parseSubject(text: string): Subject {
  const trimmed = text.trim();
  const asn = /^AS(\d{1,10})$/i.exec(trimmed);
  if (asn) return { kind: 'operator', asn: checkedAsn(Number(asn[1]), trimmed) };
  if (/^[a-z]{2}$/i.test(trimmed)) return { kind: 'country', code: checkedCountry(trimmed) };
  const range = parseRange(trimmed);
  if (range) return { kind: 'range', range };
  const host = trimmed.toLowerCase().replace(/\.$/, '');
  if (HOST_NAME.test(host)) return { kind: 'name', host };
  throw misunderstood(trimmed);
}

function checkedAsn(asn: number, text: string): number {
  if (asn < 1 || asn > MOST_ASN) throw fault('asn-range', text);
  return asn;
}

function checkedCountry(text: string): string {
  const code = text.toUpperCase();
  if (isCountryCode(code)) return code;
  throw fault('country-code', text, suggestCountry(text));
}

function misunderstood(text: string) {
  const country = /^[\p{L} .'-]+$/u.test(text) ? suggestCountry(text) : undefined;
  if (country) return fault('country-code', text, country);
  return /^[\d.:/a-f-]+$/i.test(text) && /[\d:]/.test(text)
    ? fault('address-invalid', text)
    : fault('subject-invalid', text);
}

/** The one text that stands for the subject in tables, lists and logs. */
export function formatSubject(subject: Subject): string {
  switch (subject.kind) {
    case 'range':
      return formatRange(subject.range);
    case 'country':
      return subject.code;
    case 'operator':
      return `AS${subject.asn}`;
    case 'name':
      return subject.host;
  }
}

export function rangeSubject(range: AddressRange): Subject {
  return { kind: 'range', range };
}
