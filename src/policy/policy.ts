import { type Address, type AddressRange, single } from '../address/index.ts';
import { addRange, rangeColumns } from './range-columns.ts';
import { type Ranges, rangeTable } from './range-table.ts';
import type { RuleReader } from './rule-reader.ts';
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

/** All rules, compiled and frozen: a look-up never touches SQLite. */
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
  readonly rules: RuleReader;
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
  const drafts = { trust: listDraft(), deny: listDraft(), permit: listDraft() };
  let rules = 0;
  for (const batch of parts.rules.batches) {
    for (const rule of batch) addRule(drafts[rule.list], rule, rules++, parts.resolved);
    yield;
  }
  const ruleOf = remembered(parts.rules.rule);
  const lists = {
    trust: yield* compileList(drafts.trust, ruleOf),
    deny: yield* compileList(drafts.deny, ruleOf),
    permit: yield* compileList(drafts.permit, ruleOf),
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
      rules,
      segments: lists.trust.segments + lists.deny.segments + lists.permit.segments,
    },
  };
}

/** The rules of one list by kind; ranges, and the addresses of names, by the rule's number. */
interface ListDraft {
  readonly ranges: Ranges;
  readonly countries: Map<string, Rule>;
  readonly operators: Map<number, Rule>;
}

function listDraft(): ListDraft {
  const ranges = { 4: rangeColumns(4), 6: rangeColumns(6) };
  return { ranges, countries: new Map(), operators: new Map() };
}

function addRule(
  draft: ListDraft,
  rule: Rule,
  number: number,
  resolved: PolicyParts['resolved'],
): void {
  const { subject } = rule;
  const expiresAt = rule.expiresAt ?? Number.POSITIVE_INFINITY;
  const add = (range: AddressRange) =>
    addRange(draft.ranges[range.first.family], range, number, expiresAt);
  if (subject.kind === 'range') add(subject.range);
  else if (subject.kind === 'country') draft.countries.set(subject.code, rule);
  else if (subject.kind === 'operator') draft.operators.set(subject.asn, rule);
  // A name that never resolved has no addresses, and so matches nothing.
  else for (const address of resolved.get(subject.host) ?? []) add(single(address));
}

/** Has each rule made once, when a source first matches it: a look-up allocates nothing. */
function remembered(make: (number: number) => Rule): (number: number) => Rule {
  const made = new Map<number, Rule>();
  return (number) => {
    const known = made.get(number);
    if (known) return known;
    const rule = make(number);
    made.set(number, rule);
    return rule;
  };
}

interface CompiledList {
  find(origin: Origin, now: number): Rule | undefined;
  readonly segments: number;
}

function* compileList(
  { ranges, countries, operators }: ListDraft,
  ruleOf: (number: number) => Rule,
): Work<CompiledList> {
  const table = yield* rangeTable(ranges);
  return {
    segments: table.size,
    find({ address, country, operator }, now) {
      const number = table.find(address, now);
      if (number >= 0) return ruleOf(number);
      return (
        (country === undefined ? undefined : alive(countries.get(country), now)) ??
        (operator === undefined ? undefined : alive(operators.get(operator), now))
      );
    },
  };
}

function alive(rule: Rule | undefined, now: number): Rule | undefined {
  return rule && (rule.expiresAt === undefined || rule.expiresAt > now) ? rule : undefined;
}
