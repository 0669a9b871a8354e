import type { Step } from './steps.ts';

/** Something in the running dialplan that is not as we wrote it. */
export interface Finding {
  readonly kind: 'missing' | 'different' | 'foreign' | 'behind';
  /** `[from-sip-external] _X.,2`. */
  readonly where: string;
  /** What we wrote; empty where that is nothing. */
  readonly wanted: string;
  /** What Asterisk has, and the file it read it from; empty where that is nothing. */
  readonly found: string;
  readonly from: string;
  /** Nothing reaches it, so that it may stay. */
  readonly harmless: boolean;
}

/** Applications that never go on to the next priority. */
const ENDS = /^(?:Goto|Return|Hangup)\(/;

/**
 * Compares a context as Asterisk has it with what we wrote. FreePBX merges contexts of one name by
 * extension and priority, the first definition wins: what comes later leaks in behind shorter
 * extensions, or adds extensions which then take calls past us.
 * @param wanted the context's steps as we wrote them
 * @param found as Asterisk shows them
 */
export function compareSteps(wanted: readonly Step[], found: readonly Step[]): Finding[] {
  const context = wanted[0]!.context;
  if (found.length === 0) {
    const where = `[${context}]`;
    return [{ ...BLANK, kind: 'missing', where, wanted: `${wanted.length} priorities` }];
  }
  const findings: Finding[] = [];
  const loaded = new Map(found.map((step) => [placeOf(step), step]));
  for (const step of wanted) {
    const other = loaded.get(placeOf(step));
    loaded.delete(placeOf(step));
    if (!other)
      findings.push({ ...BLANK, kind: 'missing', where: whereOf(step), wanted: step.action });
    else if (textOf(other) !== textOf(step)) {
      findings.push({ ...seen(other), kind: 'different', wanted: textOf(step) });
    }
  }
  const ours = lastSteps(wanted);
  const first = lastSteps([...found].reverse());
  for (const step of loaded.values()) {
    const last = ours.get(step.extension);
    findings.push({
      ...seen(step),
      kind: last ? 'behind' : 'foreign',
      harmless: last
        ? step.priority > last.priority && ENDS.test(last.action)
        : /^Hangup\(/.test(first.get(step.extension)!.action),
    });
  }
  return findings;
}

const BLANK = { wanted: '', found: '', from: '', harmless: false };

function seen(step: Step) {
  return { ...BLANK, where: whereOf(step), found: textOf(step), from: step.from };
}

function placeOf({ extension, priority }: Step): string {
  return `${extension} ${priority}`;
}

function whereOf({ context, extension, priority }: Step): string {
  return `[${context}] ${extension},${priority}`;
}

/** Asterisk shows no label at priority 1. */
function textOf({ priority, label, action }: Step): string {
  return label && priority > 1 ? `(${label}) ${action}` : action;
}

/** The last step of each extension in the order given. */
function lastSteps(steps: readonly Step[]): Map<string, Step> {
  return new Map(steps.map((step) => [step.extension, step]));
}
