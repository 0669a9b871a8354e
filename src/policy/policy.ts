import type { Address } from '../address/index.ts';
import { type RangeEntry, type RangeTable, rangeTable } from './range-table.ts';
import { atOnce, type Work } from './slices.ts';
import type { List, Mode, Route, Rule } from './types.ts';

/** What is known of a source when rules are looked up. */
export interface Origin {
  readonly address: Address;
  /** Two capital letters, where the country database knows the address. */
  readonly country: string | undefined;
  /** AS number, where an operator database is configured and knows the address. */
  readonly operator: number | undefined;
}

/** What country and operator databases know of an address. */
export interface Whereabouts {
  country(address: Address): string | undefined;
  operator(address: Address): number | undefined;
}

export function originOf(known: Whereabouts, address: Address): Origin {
  return { address, country: known.country(address), operator: known.operator(address) };
}

/** All rules, compiled and frozen: a look-up allocates nothing and never touches SQLite. */
export interface Policy {
  readonly revision: number;
  readonly mode: Mode;
  /** The rule of `list` that covers the source at `now` (milliseconds since 1970), if any. */
  match(list: List, origin: Origin, now: number): Rule | undefined;
  /** Keyed as {@link extensionKey} says. */
  readonly extensions: ReadonlyMap<string, Route>;
  /** Keyed as {@link domainKey} says; empty: every domain will do. */
  readonly domains: ReadonlySet<string>;
  isScanner(agent: string): boolean;
  readonly size: PolicySize;
}

export interface PolicySize {
  readonly rules: number;
  readonly segments: number;
}

export interface PolicyParts {
  readonly revision: number;
  readonly mode: Mode;
  readonly rules: readonly Rule[];
  /** Last good addresses of each host name. */
  readonly resolved: ReadonlyMap<string, readonly Address[]>;
  readonly extensions: ReadonlyMap<string, Route>;
  readonly domains: ReadonlySet<string>;
  readonly scanners: readonly string[];
}

/** {@link policyOf} without a pause. */
export function compilePolicy(parts: PolicyParts): Policy {
  return atOnce(policyOf(parts));
}

export function* policyOf(parts: PolicyParts): Work<Policy> {
  const lists = {
    trust: yield* compileList(parts, 'trust'),
    deny: yield* compileList(parts, 'deny'),
    permit: yield* compileList(parts, 'permit'),
  };
  const scanners = parts.scanners.map((pattern) => pattern.toLowerCase());
  return {
    revision: parts.revision,
    mode: parts.mode,
    match: (list, origin, now) => lists[list].find(origin, now),
    extensions: parts.extensions,
    domains: parts.domains,
    isScanner(agent) {
      const lower = agent.toLowerCase();
      return scanners.some((pattern) => lower.includes(pattern));
    },
    size: {
      rules: parts.rules.length,
      segments: lists.trust.segments + lists.deny.segments + lists.permit.segments,
    },
  };
}

interface CompiledList {
  find(origin: Origin, now: number): Rule | undefined;
  readonly segments: number;
}

function* compileList(parts: PolicyParts, list: List): Work<CompiledList> {
  const ranges: RangeEntry<Rule>[] = [];
  const countries = new Map<string, Rule>();
  const operators = new Map<number, Rule>();
  for (const rule of parts.rules) {
    if (rule.list !== list) continue;
    const { subject } = rule;
    const expiresAt = rule.expiresAt ?? Number.POSITIVE_INFINITY;
    if (subject.kind === 'range') ranges.push({ range: subject.range, rule, expiresAt });
    else if (subject.kind === 'country') countries.set(subject.code, rule);
    else if (subject.kind === 'operator') operators.set(subject.asn, rule);
    else {
      // A name that never resolved has no addresses, and so matches nothing.
      for (const address of parts.resolved.get(subject.host) ?? []) {
        ranges.push({ range: { first: address, last: address }, rule, expiresAt });
      }
    }
  }
  yield;
  const table: RangeTable<Rule> = yield* rangeTable(ranges);
  return {
    segments: table.size,
    find: ({ address, country, operator }, now) =>
      table.find(address, now) ??
      (country === undefined ? undefined : alive(countries.get(country), now)) ??
      (operator === undefined ? undefined : alive(operators.get(operator), now)),
  };
}

function alive(rule: Rule | undefined, now: number): Rule | undefined {
  return rule && (rule.expiresAt === undefined || rule.expiresAt > now) ? rule : undefined;
}
