import { oneLine } from '../errors.ts';

/**
 * What can be wrong with an ipcountry that runs, in one table: code → what is wrong, and what to do
 * about it. `ipcountry status` shows them, and the metrics endpoint's /health.
 */
const problems = {
  // the call server
  'server-refused': (at: string) => [
    `no server listens on ${at}: calls are not screened`,
    "start it: 'systemctl start ipcountry', or 'ipcountry serve'",
  ],
  'server-closed': (at: string) => [
    `the server on ${at} closes the connection`,
    'see its log; this host must be in agi.allow, and agi.connections not used up',
  ],
  'server-silent': (at: string, seconds: number) => [
    `the server on ${at} takes connections, but gives no answer within ${seconds} seconds`,
    "see its log, and start it anew: 'systemctl restart ipcountry'",
  ],
  'server-strange': (at: string) => [
    `what answers on ${at} is no ipcountry of this version`,
    'restart the server if it was upgraded; else check agi.host and agi.port',
  ],
  'server-other-database': (path: string) => [
    `the server works with another database than ${path}: it was moved or replaced, or the server has another configuration`,
    'restart the server, or give status the configuration of the server (--config)',
  ],

  // what the server knows of itself
  'policy-stale': () => [
    'the server could not load the rules as they are now: the last good ones are in force',
    "see its log; 'ipcountry list' names an unsound rule",
  ],
  'journal-waiting': () => [
    'the server can not write to its database: calls wait to be journalled',
    'see its log; check that the disk has room, and that no other program keeps the database locked',
  ],

  // the database
  database: (fault: string) => [fault, 'until then nothing can be said of rules, journal and mail'],
  'policy-unsound': (fault: string) => [
    fault,
    'until then the server can not load the rules, nor start',
  ],
  'policy-entry': (complaint: string) => [complaint, 'mend it or delete it'],

  // country data
  'country-unreadable': (fault: string) => [fault, 'until then the server can not start'],
  'country-sample': () => [
    'there are rules for countries, but only the small built-in sample of country data: most addresses have no country',
    "get a real country database: 'ipcountry country update'",
  ],
  'country-old': (days: number) => [
    `the country data are ${days} days old: networks have moved between countries since`,
    "bring them up to date: 'ipcountry country update'; country.source has the server do it by itself",
  ],

  // mail
  'mail-stuck': (attempts: number, since: string) => [
    `mail about refused strangers can not be sent: tried ${attempts === 1 ? 'once' : `${attempts} times`} since ${since}`,
    "see why: 'ipcountry alerts test'",
  ],

  // guard and firewall
  'guard-stopped': (since: string) => [
    `the guard ${since === '' ? 'does not run' : `has not run since ${since}`}: nobody who registers or tries passwords is shut out`,
    "start it: 'systemctl start ipcountry-guard', or 'ipcountry guard run'",
  ],
  'guard-away': (since: string) => [
    `the guard has had no connection to Asterisk since ${since}`,
    "see its log; 'ipcountry guard list' says why Asterisk can't be asked",
  ],
  'firewall-absent': (level: string) => [
    `the firewall is to stand at the level '${level}', and does not`,
    "put it up: 'ipcountry firewall load'",
  ],
  'firewall-unknown': (fault: string) => [
    fault,
    "the firewall's choice can not be checked until then",
  ],
} satisfies Record<string, (...args: never[]) => readonly [what: string, remedy: string]>;

export type ProblemCode = keyof typeof problems;

/** Every code there is. */
export const PROBLEM_CODES = Object.keys(problems) as ProblemCode[];

/** Something that is wrong. */
export interface Problem {
  readonly code: ProblemCode;
  /** What, on one line. */
  readonly what: string;
  /** What to do about it. */
  readonly remedy: string;
}

export function problem<C extends ProblemCode>(
  code: C,
  ...args: Parameters<(typeof problems)[C]>
): Problem {
  const text = problems[code] as (...args: unknown[]) => readonly [string, string];
  const [what, remedy] = text(...args);
  return { code, what: oneLine(what), remedy };
}
