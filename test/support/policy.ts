import { type Address, parseAddress } from '../../src/address/index.ts';
import { domainKey } from '../../src/policy/domain.ts';
import { parseRoute, parseSubject } from '../../src/policy/index.ts';
import { compilePolicy, type Policy } from '../../src/policy/policy.ts';
import { LISTS, type List, type Mode, type Rule } from '../../src/policy/types.ts';

export function address(text: string): Address {
  const parsed = parseAddress(text);
  if (!parsed) throw new TypeError(`${text} is no address`);
  return parsed;
}

/** `subject`, or `[subject, moment of its expiry in milliseconds]`. */
export type RuleText = string | readonly [subject: string, expiresAt: number];

export interface PolicyText extends Partial<Record<List, readonly RuleText[]>> {
  readonly mode?: Mode;
  readonly resolved?: Readonly<Record<string, readonly string[]>>;
  /** Name → route as it is stored: `goto,from-internal,947,1`. */
  readonly extensions?: Readonly<Record<string, string>>;
  readonly domains?: readonly string[];
  readonly scanners?: readonly string[];
}

let lastId = 0;

export function rule(list: List, text: RuleText): Rule {
  const [subject, expiresAt] = typeof text === 'string' ? [text, undefined] : text;
  return {
    id: ++lastId,
    list,
    subject: parseSubject(subject),
    text: subject,
    note: '',
    origin: 'test',
    createdAt: 0,
    expiresAt,
  };
}

/** A policy as the server would compile it from a database with these rows. */
export function policy(text: PolicyText): Policy {
  const rules = LISTS.flatMap((list) => (text[list] ?? []).map((subject) => rule(list, subject)));
  return compilePolicy({
    revision: 1,
    mode: text.mode ?? 'enforce',
    rules: { batches: [rules], rule: (number) => rules[number]! },
    resolved: new Map(
      Object.entries(text.resolved ?? {}).map(([name, texts]) => [name, texts.map(address)]),
    ),
    extensions: new Map(
      Object.entries(text.extensions ?? {}).map(([name, route]) => [name, parseRoute(route)]),
    ),
    domains: new Set((text.domains ?? []).map(domainKey)),
    scanners: text.scanners ?? [],
  });
}
