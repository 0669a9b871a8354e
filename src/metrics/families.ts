import type { Facts } from './facts.ts';

/** One line of a family: its labels, our own words alone, and its value. */
export interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Metrics of one name. Names and units as Prometheus recommends them (prometheus.io, naming). */
export interface Family {
  readonly name: string;
  /** For administrators. */
  readonly help: string;
  readonly kind: 'counter' | 'gauge';
  readonly labels?: readonly string[];
  /** None where the figure isn't known. */
  samples(facts: Facts): readonly Sample[];
}

const one = (value: number | boolean): Sample[] => [{ value: Number(value) }];
const known = (value: number | undefined): Sample[] => (value === undefined ? [] : one(value));

export const FAMILIES: readonly Family[] = [
  {
    name: 'ipcountry_calls_total',
    help: "Calls screened, by verdict (allow, stranger, unlisted), its reason and the source's country (none: not known).",
    kind: 'counter',
    labels: ['verdict', 'reason', 'country'],
    samples: ({ counts }) =>
      counts.calls().map(({ outcome, reason, country, calls }) => ({
        labels: { verdict: outcome, reason, country },
        value: calls,
      })),
  },
  {
    name: 'ipcountry_agi_failures_total',
    help: 'Requests that were not answered, or whose answer was not taken; the dialplan then followed its failure policy.',
    kind: 'counter',
    labels: ['failure'],
    samples: ({ counts }) =>
      [...counts.failures()].map(([failure, value]) => ({ labels: { failure }, value })),
  },
  {
    name: 'ipcountry_agi_connections',
    help: 'FastAGI connections open now; agi.connections is the limit.',
    kind: 'gauge',
    samples: ({ connections }) => one(connections),
  },
  {
    name: 'ipcountry_enforcing',
    help: '1 where strangers are refused, 0 in monitor mode, where every call passes.',
    kind: 'gauge',
    samples: ({ policy }) => one(policy.current().mode === 'enforce'),
  },
  {
    name: 'ipcountry_policy_revision',
    help: 'Revision of the rules in force: moves with each change.',
    kind: 'gauge',
    samples: ({ policy }) => one(policy.current().revision),
  },
  {
    name: 'ipcountry_policy_stale',
    help: '1 where the rules could not be loaded as they are now, and the last good ones are in force.',
    kind: 'gauge',
    samples: ({ policy }) => one(policy.failing()),
  },
  {
    name: 'ipcountry_policy_rules',
    help: 'Rules of each list: trust, deny and permit.',
    kind: 'gauge',
    labels: ['list'],
    samples: ({ database }) =>
      Object.entries(database?.rules ?? {}).map(([list, value]) => ({ labels: { list }, value })),
  },
  {
    name: 'ipcountry_country_data_build_timestamp_seconds',
    help: 'When the country data in use were made, in seconds since 1970: time() minus this is their age.',
    kind: 'gauge',
    samples: ({ country }) => one(country.countries().facts.builtAt.getTime() / 1_000),
  },
  {
    name: 'ipcountry_country_data_sample',
    help: '1 where only the small built-in sample of country data is there.',
    kind: 'gauge',
    samples: ({ country }) => one(country.isSample()),
  },
  {
    name: 'ipcountry_blocks',
    help: 'Sources shut out at the firewall now.',
    kind: 'gauge',
    samples: ({ database }) => known(database?.blocks),
  },
  {
    name: 'ipcountry_alerts_waiting',
    help: 'Refused strangers and blocks that no mail has told of yet.',
    kind: 'gauge',
    samples: ({ database }) => known(database?.alertsWaiting),
  },
  {
    name: 'ipcountry_mails_sent_total',
    help: 'Mails about strangers and blocks that went out.',
    kind: 'counter',
    samples: ({ counts }) => one(counts.mails.sent),
  },
  {
    name: 'ipcountry_mails_failed_total',
    help: 'Times that such a mail could not be sent; it is tried again.',
    kind: 'counter',
    samples: ({ counts }) => one(counts.mails.failed),
  },
  {
    name: 'ipcountry_journal_waiting_calls',
    help: 'Calls that wait to be journalled, as the database can not be written.',
    kind: 'gauge',
    samples: ({ journal }) => one(journal.waiting),
  },
  {
    name: 'ipcountry_journal_lost_calls_total',
    help: 'Calls that could not be journalled at all.',
    kind: 'counter',
    samples: ({ journal }) => one(journal.lost),
  },
  {
    name: 'ipcountry_database_readable',
    help: '1 where the figures that only the database knows could be read; without, they are left out.',
    kind: 'gauge',
    samples: ({ database }) => one(database !== undefined),
  },
];
