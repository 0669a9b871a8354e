import type { Check, Finding } from './check.ts';
import { someOf } from './names.ts';
import type { Pbx } from './pbx.ts';

/** What came of one check. */
export interface Outcome {
  readonly check: Check;
  /** Empty where all is well, or nothing is known. */
  readonly findings: readonly Finding[];
  /** Why it knows nothing, or not all; undefined where it knows. */
  readonly unknown: string | undefined;
}

/**
 * Runs the checks, one after the other. One that throws knows nothing; the others run all the same.
 */
export async function runChecks(checks: readonly Check[], pbx: Pbx): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const check of checks) outcomes.push(await runCheck(check, pbx));
  return outcomes;
}

async function runCheck(check: Check, pbx: Pbx): Promise<Outcome> {
  const unreadable = new Set<string>();
  const watched: Pbx = {
    ...pbx,
    conf(file) {
      const conf = pbx.conf(file);
      for (const name of conf.unreadable) unreadable.add(name);
      return conf;
    },
  };
  try {
    const result = await check.run(watched);
    const findings = 'unknown' in result ? [] : result;
    if ('unknown' in result) return { check, findings, unknown: result.unknown };
    // A file that may not be read is as good as empty for a check, which would find all well.
    const unknown = unreadable.size > 0 ? `${someOf([...unreadable])} can't be read` : undefined;
    return { check, findings, unknown };
  } catch (cause) {
    return { check, findings: [], unknown: cause instanceof Error ? cause.message : String(cause) };
  }
}
