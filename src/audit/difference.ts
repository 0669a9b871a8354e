import type { Finding } from './check.ts';
import type { Outcome } from './run.ts';

/** A run as it is kept: where each check found something. */
export interface Run {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Check id → the places of its findings; an empty list where all was well. */
  readonly found: Readonly<Record<string, readonly string[]>>;
}

/** How a run differs from the one before it. */
export interface Difference {
  /** When that was, in milliseconds since 1970. */
  readonly since: number;
  /** What was not found then. */
  readonly fresh: ReadonlySet<Finding>;
  /** What is no longer found: mended. */
  readonly gone: readonly { readonly id: string; readonly where: string }[];
}

/** Checks that did not run now, or know nothing, take no part: what they found is neither new nor mended. */
export function differenceTo({ at, found }: Run, outcomes: readonly Outcome[]): Difference {
  const fresh = new Set<Finding>();
  const gone: { id: string; where: string }[] = [];
  for (const { check, findings, unknown } of outcomes) {
    const left = new Map<string, string[]>();
    for (const where of found[check.id] ?? []) {
      left.set(placeOf(where), [...(left.get(placeOf(where)) ?? []), where]);
    }
    for (const finding of findings) {
      if (left.get(placeOf(finding.where))?.shift() === undefined) fresh.add(finding);
    }
    if (unknown !== undefined) continue;
    gone.push(...[...left.values()].flat().map((where) => ({ id: check.id, where })));
  }
  return { since: at, fresh, gone };
}

/** The run to be kept: what this one knows, and of the other checks what was known before. */
export function runAfter(before: Run | undefined, outcomes: readonly Outcome[], at: number): Run {
  const found: Record<string, readonly string[]> = { ...before?.found };
  for (const { check, findings, unknown } of outcomes) {
    if (unknown === undefined) found[check.id] = findings.map(({ where }) => where);
  }
  return { at, found };
}

/** A line that moved, as another was put in above it, is no other place. */
function placeOf(where: string): string {
  return where.replace(/(\.\w+):\d+/g, '$1');
}
