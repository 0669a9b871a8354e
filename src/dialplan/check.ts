import { type Dialplan, dialplanOfShown, dialplanOfText } from '../asterisk/index.ts';
import { compareSteps, type Finding } from './compare.ts';
import { dialplanText, type Kind } from './source.ts';
import { readGlobals, readSteps, type Step, stepsOf } from './steps.ts';

/** Globals whose value the administrator may choose. */
const CHOSEN: Readonly<Record<string, readonly string[]>> = {
  IPCOUNTRY_EXTERNAL_FAILURE: ['refuse', 'allow'],
  IPCOUNTRY_BLACKLIST_FAILURE: ['allow', 'refuse'],
};

export interface Check {
  readonly contexts: number;
  readonly findings: readonly Finding[];
  /** Our globals as Asterisk has them. */
  readonly globals: Readonly<Record<string, string>>;
}

/**
 * Asks a running Asterisk whether what it loaded is what we wrote.
 * @param ask gives Asterisk a console command
 * @throws Fault where Asterisk can't be asked
 */
export async function checkDialplan(
  kind: Kind,
  address: string,
  ask: (command: string) => Promise<string>,
): Promise<Check> {
  const shown: string[] = [];
  for (const context of dialplanOfText(dialplanText(kind, address)).contexts.keys()) {
    shown.push(await ask(`dialplan show ${context}`));
  }
  const globals = await ask('dialplan show globals');
  return compareDialplan(kind, address, dialplanOfShown(shown.join('\n'), globals));
}

/** Whether a dialplan, read from wherever, is in what it has of ours as we wrote it. */
export function compareDialplan(kind: Kind, address: string, loaded: Dialplan): Check {
  const text = dialplanText(kind, address);
  const wanted = readSteps(text);
  const found = stepsOf(loaded);
  const contexts = [...new Set(wanted.map((step) => step.context))];
  const of = (steps: readonly Step[], context: string) =>
    steps.filter((step) => step.context === context);
  const findings = contexts.flatMap((context) =>
    compareSteps(of(wanted, context), of(found, context)),
  );
  const globals: Record<string, string> = {};
  for (const [name, value] of readGlobals(text)) {
    const other = loaded.globals.get(name);
    if (other !== undefined) globals[name] = other;
    const finding = compareGlobal(name, value, other);
    if (finding) findings.push(finding);
  }
  return { contexts: contexts.length, findings, globals };
}

function compareGlobal(
  name: string,
  wanted: string,
  found: string | undefined,
): Finding | undefined {
  const choices = CHOSEN[name] ?? [wanted];
  if (found !== undefined && choices.includes(found)) return undefined;
  return {
    kind: found === undefined ? 'missing' : 'different',
    where: `[globals] ${name}`,
    wanted: choices.join(' or '),
    found: found ?? '',
    from: '',
    harmless: false,
  };
}
