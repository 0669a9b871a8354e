import {
  coversName,
  type Dialplan,
  type Extension,
  type ExtensionName,
  matchesName,
  type Step,
} from '../../asterisk/index.ts';
import { type Entry, type Found, listingsOf } from './listing.ts';
import { overlaps } from './overlap.ts';
import { isCallers, isHarmless, isKnown, isOpen, type Text, tamed } from './text.ts';

/** Finds extensions as Asterisk does: a context's own, then those it includes (pbx_find_extension). */
export interface Routes {
  has(context: string): boolean;
  /** Other places that a context's extensions come from: `Realtime/context@table`. */
  switches(context: string): readonly string[];
  /**
   * What a call to `dialled` may find at a priority.
   * @param dialled with marks, all that it may be
   */
  find(context: string, dialled: Text, priority: number): readonly Found[];
  /** The priorities that a label may stand at. */
  labelled(context: string, dialled: Text, label: string): readonly number[];
  /**
   * Who has the next priority: the extension that had the last one, but for those tried before it that
   * lack only the last; where it has none, those tried after it.
   */
  next(context: string, dialled: Text, from: Found, priority: number): readonly Found[];
}

export function routesOf(dialplan: Dialplan): Routes {
  const list = listingsOf(dialplan);
  const reached = new Map<string, readonly Found[]>();

  /** All that `dialled` matches, in order. */
  function matching(context: string, dialled: Text): Entry[] {
    const { entries, literals, patterns } = list(context);
    if (!isKnown(dialled)) return entries.filter(({ extension }) => mayBe(extension.name, dialled));
    const direct = literals.get(dialled.replaceAll('-', '')) ?? [];
    const wide = patterns.filter(({ extension }) => matchesName(extension.name, dialled));
    if (wide.length === 0 || direct.length === 0) return [...direct, ...wide];
    const order = new Set([...direct, ...wide]);
    return entries.filter((entry) => order.has(entry));
  }

  function find(context: string, dialled: Text, priority: number): readonly Found[] {
    const key = `${context}\0${dialled}\0${priority}`;
    let found = reached.get(key);
    if (!found) {
      const having = matching(context, dialled).filter(({ extension }) =>
        stepAt(extension, priority),
      );
      found = isKnown(dialled) ? untilSure(having) : withoutHidden(having);
      reached.set(key, found);
    }
    return found;
  }

  return {
    has: (context) => dialplan.contexts.has(context),
    switches: (context) => list(context).switches,
    find,
    labelled(context, dialled, label) {
      const all = matching(context, dialled).flatMap(
        ({ extension }) => extension.labels.get(label) ?? [],
      );
      return isKnown(dialled) ? all.slice(0, 1) : [...new Set(all)];
    },
    next(context, dialled, { extension }, priority) {
      const sure = isKnown(dialled);
      const { entries, holed, order } = list(context);
      const at = order.get(extension) ?? -1;
      const takes = ({ extension: other }: Entry) =>
        stepAt(other, priority) !== undefined &&
        (sure ? matchesName(other.name, dialled) : overlaps(other.name, extension.name));
      const before = holed.filter(
        (one) =>
          order.get(one.extension)! < at && !stepAt(one.extension, priority - 1) && takes(one),
      );
      const after = stepAt(extension, priority)
        ? [entries[at]!]
        : entries.slice(at + 1).filter(takes);
      return sure ? untilSure([...before, ...after]) : [...before, ...after];
    },
  };
}

function mayBe(name: ExtensionName, dialled: Text): boolean {
  return isOpen(dialled) || overlaps(name, dialled);
}

/** The first that takes the call for sure, and those before it that may. */
function untilSure(entries: readonly Entry[]): Entry[] {
  const end = entries.findIndex(({ sometimes }) => !sometimes);
  return end < 0 ? [...entries] : entries.slice(0, end + 1);
}

/** Without those for which another one, tried before, takes every call. */
function withoutHidden(entries: readonly Entry[]): Entry[] {
  const names = new Set<string>();
  const wide: ExtensionName[] = [];
  return entries.filter(({ extension: { name }, sometimes }) => {
    if (names.has(name.key) || wide.some((other) => coversName(other, name))) return false;
    if (!sometimes) {
      names.add(name.key);
      if (name.wildcard !== '') wide.push(name);
    }
    return true;
  });
}

/** The step of a priority, if there is one. */
export function stepAt({ steps }: Extension, priority: number): Step | undefined {
  let [low, high] = [0, steps.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const step = steps[middle]!;
    if (step.priority === priority) return step;
    if (step.priority < priority) low = middle + 1;
    else high = middle - 1;
  }
  return undefined;
}

/** `${EXTEN}` once an extension has taken the call. */
export function extenOf({ text, name }: Extension, dialled: Text): Text {
  if (!name.pattern) return text;
  if (!isCallers(dialled)) return dialled;
  return name.wildcard === '' && name.sets.every(isHarmless) ? tamed(dialled) : dialled;
}
