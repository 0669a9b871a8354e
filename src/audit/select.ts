import { fault } from '../errors.ts';
import type { Check } from './check.ts';

/**
 * The checks that words ask for.
 * @param words ids (`SIP-110`) and groups of them (`SIP`), in any case
 * @throws Fault audit-check, which names what was probably meant
 */
export function selectChecks(words: readonly string[], checks: readonly Check[]): Set<Check> {
  const selected = words.flatMap((word) => {
    const wanted = word.toUpperCase();
    const some = checks.filter(({ id }) => id === wanted || groupOf(id) === wanted);
    if (some.length === 0) throw fault('audit-check', word, near(wanted, checks));
    return some;
  });
  return new Set(selected);
}

/** `SIP` of `SIP-110`. */
export function groupOf(id: string): string {
  return id.slice(0, id.indexOf('-'));
}

const MOST_NEAR = 3;

/** `did you mean SIP-110, SIP-120?`, or the groups where nothing is near. */
function near(wanted: string, checks: readonly Check[]): string {
  const groups = [...new Set(checks.map(({ id }) => groupOf(id)))];
  const names = [...checks.map(({ id }) => id), ...groups];
  const similar = names
    .map((name) => ({ name, distance: distance(wanted, name) }))
    .filter(({ name, distance }) => distance <= Math.ceil(name.length / 4))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, MOST_NEAR)
    .map(({ name }) => name);
  return similar.length > 0
    ? `did you mean ${similar.join(' or ')}?`
    : `write an id like ${checks[0]?.id ?? ''}, or a group: ${groups.join(', ')}`;
}

/** How many letters must be put in, taken out, changed or swapped with the next (Damerau, OSA). */
function distance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = rows[i - 1]![j - 1]! + Number(a[i - 1] !== b[j - 1]);
      const swapped =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
          ? rows[i - 2]![j - 2]! + 1
          : Number.POSITIVE_INFINITY;
      row.push(Math.min(changed, swapped, rows[i - 1]![j]! + 1, row[j - 1]! + 1));
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
