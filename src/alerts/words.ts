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

/** Why a source was blocked, for people; the reasons that calls have as well are theirs. */
const BLOCK_REASONS: Readonly<Record<string, string>> = {
  strikes: 'too many failed log-ins or refused calls in a short time',
  fail2ban: 'fail2ban asked for it',
  manual: 'an administrator asked for it',
};

export function blockReasonText(reason: string): string {
  return BLOCK_REASONS[reason] ?? REASONS[reason] ?? oneLine(reason);
}

/** `RU (Russia), AS64500`. */
export function originText({
  country,
  operator,
}: Pick<AlertFacts, 'country' | 'operator'>): string {
  const code = oneLine(country);
  const name = country === '' ? 'unknown country' : `${code} (${countryName(code)})`;
  return operator === null ? name : `${name}, AS${operator}`;
}

/** What countedSource() writes, and nothing else. */
const SHELL_SAFE = /^[0-9a-f.:/]+$/;

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
  if (!SHELL_SAFE.test(counted)) return [];
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

/** The commands for a source that is blocked; made to be copied, like those of {@link advice}. */
export function blockAdvice(counted: string, reason: string): Advice[] {
  if (!SHELL_SAFE.test(counted)) return [];
  const lift = { purpose: 'lift the block', command: `ipcountry guard unblock ${counted}` };
  const permit = { purpose: 'let them in', command: `ipcountry permit ${counted}` };
  const trust = { purpose: 'never block them', command: `ipcountry trust ${counted}` };
  // Without a rule a stranger would be blocked again at the next look.
  if (reason === 'not-permitted' || reason === 'country-unknown') return [permit, lift];
  return reason === 'denied' ? [trust, lift] : [lift, trust];
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
