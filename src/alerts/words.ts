import { countryName } from '../country/index.ts';
import { oneLine } from '../errors.ts';
import type { AlertFacts } from '../journal/index.ts';

/** Why a stranger was refused, for people: the reason codes of the verdict. */
const REASONS: Readonly<Record<string, string>> = {
  'no-address': 'the call came over no network address, and outside calls must have one',
  'bad-address': 'the address that the call came from could not be read',
  denied: 'a deny rule covers the address',
  scanner: 'the User-Agent is that of a known scanner',
  rate: 'too many calls from this address in a short time',
  'not-permitted': 'no permit rule covers the address',
  'country-unknown': 'no country is known for the address, and no permit rule covers it',
  'wrong-domain': 'the called host name is not one under which this PBX takes calls',
};

export function reasonText({ reason, rule }: AlertFacts): string {
  const text = REASONS[reason] ?? oneLine(reason);
  return rule === '' ? text : `${text} (${oneLine(rule)})`;
}

/** `RU (Russia), AS64500`. */
export function originText({ country, operator }: AlertFacts): string {
  const code = oneLine(country);
  const name = country === '' ? 'unknown country' : `${code} (${countryName(code)})`;
  return operator === null ? name : `${name}, AS${operator}`;
}

export interface Advice {
  /** What the command brings about. */
  readonly purpose: string;
  readonly command: string;
}

/**
 * The commands that would let them in and keep them out. Nothing in them was written by a caller:
 * they are made to be copied into a shell.
 * @param counted the network, as countedSource gives it
 */
export function advice(counted: string, { reason, rule }: AlertFacts): Advice[] {
  if (!/^[0-9a-f.:/]+$/.test(counted)) return [];
  const permit = { purpose: 'let them in', command: `ipcountry permit ${counted}` };
  const trust = { purpose: 'let them in', command: `ipcountry trust ${counted}` };
  const deny = { purpose: 'keep them out', command: `ipcountry deny ${counted}` };
  switch (reason) {
    case 'denied':
      return /^[A-Za-z0-9.:/-]+$/.test(rule)
        ? [{ purpose: 'drop the deny rule', command: `ipcountry remove deny ${rule}` }, trust]
        : [trust];
    case 'scanner':
    case 'rate':
      return [trust, deny]; // permit would not help: these are checked before it
    case 'wrong-domain':
      return [{ purpose: 'see the host names', command: 'ipcountry domain list' }, deny];
    default:
      return [permit, deny];
  }
}

/** Local time with its offset from UTC: `2025-03-01 14:05:09 +0100`. */
export function localTime(at: number): string {
  const date = new Date(at);
  const two = (n: number) => String(Math.floor(Math.abs(n))).padStart(2, '0');
  const offset = -date.getTimezoneOffset();
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${day} ${time} ${offset < 0 ? '-' : '+'}${two(offset / 60)}${two(offset % 60)}`;
}
