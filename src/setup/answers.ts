import { fault } from '../errors.ts';
import type { Facts } from './facts.ts';

/** Where country data is to come from. */
export type SourceAnswer =
  /** As it is. */
  | { readonly kind: 'keep' | 'none' | 'dbip' }
  | { readonly kind: 'maxmind'; readonly accountId: string; readonly licenseKey: string }
  | { readonly kind: 'geoip-conf' | 'file'; readonly file: string };

export interface ExtensionAnswer {
  readonly name: string;
  /** As it is kept: `goto,from-internal,947,1`. */
  readonly route: string;
}

/** What setup is told. A list is all that is to be there, not only what is new. */
export interface Answers {
  readonly source: SourceAnswer;
  /** Codes. */
  readonly countries: readonly string[];
  readonly domains: readonly string[];
  readonly extensions: readonly ExtensionAnswer[];
  readonly mail: readonly string[];
  /** Whether there is to be a manager account, our dialplan, and services that run. */
  readonly ami: boolean;
  readonly dialplan: boolean;
  readonly services: boolean;
}

/** The answers that the present state gives; undefined where somebody must choose. */
export function presentAnswers({ config, present, asterisk, services }: Facts): {
  [name in keyof Answers]: Answers[name] | undefined;
} {
  const countries = present.countries.flatMap(({ subject, expiresAt }) =>
    subject.kind === 'country' && expiresAt === undefined ? [subject.code] : [],
  );
  // Who has named countries before has been asked about this, too, and may have wanted none.
  const hasSource =
    config.country.source !== 'none' || !present.sample || present.countries.length > 0;
  return {
    source: hasSource ? { kind: 'keep' } : undefined,
    countries: countries.length > 0 ? countries : undefined,
    domains: present.domains.map(({ name }) => name),
    extensions: present.extensions.map(({ name, route }) => ({ name, route })),
    mail: config.mail.to,
    ami: asterisk !== undefined,
    dialplan: asterisk !== undefined,
    services: services.systemd,
  };
}

/** Which flag gives the answer, where the present state may give none. */
const MISSING = {
  source: ['the country data', '--source dbip, maxmind or none'],
  countries: ['the countries', '--countries US,CA (or none)'],
} as const;

/** Answers without asking. @throws Fault setup-missing */
export function completeAnswers(facts: Facts, given: Partial<Answers>): Answers {
  const answers = { ...presentAnswers(facts), ...given };
  const { source, countries } = answers;
  if (!countries) throw fault('setup-missing', ...MISSING.countries);
  if (!source) throw fault('setup-missing', ...MISSING.source);
  return { ...answers, source, countries } as Answers;
}
