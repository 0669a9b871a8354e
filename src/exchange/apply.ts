import type { Database } from '../database/index.ts';
import {
  addDomain,
  addExtension,
  addRule,
  addScanner,
  formatSubject,
  listDomains,
  listExtensions,
  listRules,
  listScanners,
  type Rule,
  removeDomain,
  removeExtension,
  removeRule,
  removeScanner,
  setMode,
} from '../policy/index.ts';
import type { Content } from './content.ts';

/** What an import did to one part of the policy. */
export interface Counts {
  readonly added: number;
  /** In the file and in the database before. */
  readonly already: number;
  /** Taken out because the file doesn't have them; only where it replaces. */
  readonly removed: number;
}

type RuleKey = Pick<Rule, 'list' | 'subject'>;

export type Part = 'rules' | 'extensions' | 'domains' | 'scanners';

export interface ApplyOptions {
  /** Take out what the file does not have, in the parts that it has. */
  readonly replace: boolean;
  readonly now: number;
  /** Told now and then how much is done, from 0 to 1. */
  readonly progress?: (done: number) => void;
}

/** Entries between two words on the progress. */
const STEP = 1_000;

/** For what is imported and doesn't say who made it. */
const ORIGIN = 'import';

/**
 * Puts the content into the database. To be called inside a transaction.
 * @returns what became of each part that the content has
 */
export function applyContent(
  database: Database,
  content: Content,
  options: ApplyOptions,
): Partial<Record<Part, Counts>> {
  const { now, progress, replace } = options;
  const counts: Partial<Record<Part, Counts>> = {};
  if (content.mode) setMode(database, content.mode);
  if (content.rules) {
    const rules = listRules(database).filter(({ list }) => content.lists.includes(list));
    counts.rules = merge(content.rules, rules, {
      keyOf: (rule: RuleKey) => `${rule.list} ${formatSubject(rule.subject)}`,
      remove: replace ? (rule) => removeRule(database, rule.list, rule.subject) : undefined,
      add: (rule) =>
        addRule(database, { ...rule, origin: rule.origin ?? ORIGIN }, rule.createdAt ?? now),
      progress,
    });
  }
  const keyOf = ({ name }: { readonly name: string }) => name;
  if (content.extensions) {
    counts.extensions = merge(content.extensions, listExtensions(database), {
      keyOf,
      remove: replace ? ({ name }) => removeExtension(database, name) : undefined,
      add: (entry) => addExtension(database, { ...entry, origin: ORIGIN }, now),
    });
  }
  if (content.domains) {
    counts.domains = merge(content.domains, listDomains(database), {
      keyOf,
      remove: replace ? ({ name }) => removeDomain(database, name) : undefined,
      add: (entry) => addDomain(database, { ...entry, origin: ORIGIN }, now),
    });
  }
  if (content.scanners) {
    counts.scanners = merge(content.scanners, listScanners(database), {
      keyOf,
      remove: replace ? ({ name }) => removeScanner(database, name) : undefined,
      add: (entry) => addScanner(database, { ...entry, origin: ORIGIN }, now),
    });
  }
  return counts;
}

interface Merge<Key, New extends Key, Old extends Key> {
  keyOf(entry: Key): string;
  readonly remove: ((entry: Old) => unknown) | undefined;
  add(entry: New): unknown;
  readonly progress?: ((done: number) => void) | undefined;
}

/**
 * @param present what the database has. Where the file replaces, all of it goes first: an entry
 * that is in both is then exactly as the file has it, note and dates included
 */
function merge<Key, New extends Key, Old extends Key>(
  wanted: readonly New[],
  present: readonly Old[],
  { keyOf, remove, add, progress }: Merge<Key, New, Old>,
): Counts {
  const before = new Set(present.map(keyOf));
  if (remove) present.forEach(remove);
  for (const [i, entry] of wanted.entries()) {
    add(entry);
    if (i % STEP === 0) progress?.(i / wanted.length);
  }
  progress?.(1);
  const named = new Set(wanted.map(keyOf));
  const already = [...named].filter((key) => before.has(key)).length;
  return {
    added: named.size - already,
    already,
    removed: remove ? before.size - already : 0,
  };
}
