import { diffLines } from 'diff';
import type { Database } from '../database/index.ts';
import {
  confirmedChoice,
  countSpans,
  isChosen,
  type NftPlan,
  type Planner,
  rulesText,
  type Standing,
} from '../firewall/index.ts';
import { LISTS } from '../policy/index.ts';
import { paint } from './terminal.ts';

/** What an apply changes. */
export interface Difference {
  /** `off` where no table of ours stands. */
  readonly level: { readonly before: string; readonly after: string };
  /** Rules in nft's words. */
  readonly rules: { readonly gone: readonly string[]; readonly added: readonly string[] };
  /** List → how many ranges its sets hold. */
  readonly sets: Readonly<Record<string, { readonly before: number; readonly after: number }>>;
}

/** @param standing what the kernel has now */
export async function differenceOf(
  database: Database,
  planner: Planner,
  plan: NftPlan,
  standing: Standing | undefined,
): Promise<Difference> {
  const choice = confirmedChoice(database);
  const stood = standing && isChosen(choice) ? await planner.plan(choice, 'lenient') : undefined;
  const parts = diffLines(stood ? rulesText(stood) : '', rulesText(plan));
  const lines = (which: 'added' | 'removed') =>
    parts.filter((part) => part[which]).flatMap(({ value }) => rulesIn(value));
  const before = (name: string) =>
    (standing?.sets[`${name}4`] ?? 0) + (standing?.sets[`${name}6`] ?? 0);
  const sets = [
    ...LISTS.map((list) => [list, countSpans(plan.lists[list])] as const),
    ['block', plan.blocks.length] as const,
  ].map(([name, after]) => [name, { before: before(name), after }] as const);
  return {
    level: { before: stood?.level ?? 'off', after: plan.level },
    rules: { gone: lines('removed'), added: lines('added') },
    sets: Object.fromEntries(sets),
  };
}

function rulesIn(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && line !== '}');
}

/** For people, a line each. */
export function differenceText({ level, rules, sets }: Difference): string[] {
  const change = (before: unknown, after: unknown) =>
    before === after ? `${after}` : `${before} → ${after}`;
  const sizes = Object.entries(sets).map(
    ([name, { before, after }]) => `${name} ${change(before, after)}`,
  );
  return [
    `level   ${change(level.before, level.after)}`,
    `ranges  ${sizes.join(', ')}`,
    ...rules.gone.map((rule) => paint('red', `- ${rule}`)),
    ...rules.added.map((rule) => paint('green', `+ ${rule}`)),
  ];
}
