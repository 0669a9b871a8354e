import { setImmediate as nextTurn } from 'node:timers/promises';
import { cidr } from '../address/index.ts';
import type { AddressFile, CountryData } from '../country/index.ts';
import { Fault } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Rule } from '../policy/index.ts';
import { type Spans, type SpanWriter, spanWriter } from './spans.ts';

/** What of the country data the firewall needs. */
export type Countries = Pick<CountryData, 'operators'> & {
  /** undefined where no country database can be opened: no country has networks then. */
  countries(): ReturnType<CountryData['countries']> | undefined;
};

/** The networks of the country or operator that a rule names; undefined for other rules. */
export type Expansion = (rule: Rule) => Spans | undefined;

/** Turns the countries and operators that rules name into networks. */
export type Expander = (rules: readonly Rule[]) => Promise<Expansion>;

/** Networks walked before others get their turn: the guard has events to follow. */
const TURN = 2_000;

/**
 * Keeps what it has found for as long as the same file is in use, so that a new address of one host
 * name does not have half a million networks walked.
 */
export function openExpander(country: Countries, log: Log): Expander {
  const byCountry = finder<string>(log);
  const byOperator = finder<number>(log);
  return async (rules) => {
    const codes: string[] = [];
    const asns: number[] = [];
    for (const { subject } of rules) {
      if (subject.kind === 'country') codes.push(subject.code);
      if (subject.kind === 'operator') asns.push(subject.asn);
    }
    const countries = await byCountry(country.countries(), codes);
    const operators = await byOperator(country.operators(), asns);
    return ({ subject }) => {
      if (subject.kind === 'country') return countries.get(subject.code);
      return subject.kind === 'operator' ? operators.get(subject.asn) : undefined;
    };
  };
}

type Found<Answer> = ReadonlyMap<Answer, Spans>;

function finder<Answer>(log: Log) {
  let file: AddressFile<Answer> | undefined;
  let known: Found<Answer> = new Map();
  return async (
    current: AddressFile<Answer> | undefined,
    wanted: readonly Answer[],
  ): Promise<Found<Answer>> => {
    if (current !== file) known = new Map();
    file = current;
    const missing = wanted.filter((answer) => !known.has(answer));
    const more = current && missing.length > 0 ? await walk(current, missing, log) : [];
    const still = [...known].filter(([answer]) => wanted.includes(answer));
    known = new Map([...still, ...more]);
    return known;
  };
}

/** A file that turns out to be damaged has no networks at all: half a country is worse to explain. */
async function walk<Answer>(
  file: AddressFile<Answer>,
  wanted: readonly Answer[],
  log: Log,
): Promise<Found<Answer>> {
  const writers = new Map<Answer, SpanWriter>(wanted.map((answer) => [answer, spanWriter()]));
  try {
    let walked = 0;
    for (const { first, bits, answer } of file.networks()) {
      if (answer !== undefined) writers.get(answer)?.add(cidr(first, bits));
      if (++walked % TURN === 0) await nextTurn();
    }
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    log.error({ fault: cause.message }, 'firewall: countries and operators are left out');
    return new Map(wanted.map((answer) => [answer, spanWriter().finish()]));
  }
  return new Map([...writers].map(([answer, writer]) => [answer, writer.finish()]));
}
