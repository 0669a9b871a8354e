import { type Address, type AddressRange, single } from '../address/index.ts';
import type { Database } from '../database/index.ts';
import { Fault } from '../errors.ts';
import { LISTS, type List, listRules, type Rule, resolvedNames } from '../policy/index.ts';
import { type RuleRow, ruleOf } from '../policy/rule-row.ts';
import type { Expander } from './expand.ts';
import { packRanges, type Spans, unite } from './spans.ts';

export type Lists = Readonly<Record<List, Spans>>;

export interface GatherOptions {
  readonly now: number;
  /** Told of each unsound rule, which is left out; without it, one is a fault. */
  readonly complain?: ((fault: Fault) => void) | undefined;
}

/**
 * The addresses that each list covers at `now`: its ranges, the last good addresses of its names,
 * and the networks of its countries and operators.
 * @throws Fault where a rule is unsound
 */
export async function gatherLists(
  database: Database,
  expander: Expander,
  { now, complain }: GatherOptions,
): Promise<Lists> {
  const { rules, names } = database.transaction(() => ({
    rules: complain ? soundRules(database, complain) : listRules(database),
    names: resolvedNames(database),
  }))();
  const live = rules.filter(({ expiresAt }) => expiresAt === undefined || expiresAt > now);
  const networksOf = await expander(live);
  const spansOf = (list: List): Spans => {
    const own = live.filter((rule) => rule.list === list);
    const ranges = packRanges(own.flatMap((rule) => rangesOf(rule, names)));
    return unite([ranges, ...own.flatMap((rule) => networksOf(rule) ?? [])]);
  };
  const [trust, deny, permit] = LISTS.map(spansOf) as [Spans, Spans, Spans];
  return { trust, deny, permit };
}

/** When the next rule expires, in milliseconds since 1970. */
export function nextExpiry(database: Database, now: number): number | undefined {
  const next = database.prepare('SELECT min(expires_at) FROM rule WHERE expires_at > ?').pluck();
  return (next.get(now) as number | null) ?? undefined;
}

function soundRules(database: Database, complain: (fault: Fault) => void): Rule[] {
  const rows = database.prepare('SELECT * FROM rule ORDER BY id').all() as RuleRow[];
  return rows.flatMap((row) => {
    try {
      return ruleOf(row);
    } catch (cause) {
      if (!(cause instanceof Fault)) throw cause;
      complain(cause);
      return [];
    }
  });
}

function rangesOf({ subject }: Rule, names: ReadonlyMap<string, Address[]>): AddressRange[] {
  if (subject.kind === 'range') return [subject.range];
  return subject.kind === 'name' ? (names.get(subject.host) ?? []).map(single) : [];
}
