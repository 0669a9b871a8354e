import { compareSteps, type Finding } from './compare.ts';
import { dialplanText, type Kind } from './source.ts';
import { readGlobals, readShownGlobals, readShownSteps, readSteps } from './steps.ts';

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
  const text = dialplanText(kind, address);
  const steps = readSteps(text);
  const contexts = new Set(steps.map((step) => step.context));
  const findings: Finding[] = [];
  for (const context of contexts) {
    const wanted = steps.filter((step) => step.context === context);
    findings.push(...compareSteps(wanted, readShownSteps(await ask(`dialplan show ${context}`))));
  }
  const loaded = readShownGlobals(await ask('dialplan show globals'));
  const globals: Record<string, string> = {};
  for (const [name, value] of readGlobals(text)) {
    const found = loaded.get(name);
    if (found !== undefined) globals[name] = found;
    const finding = compareGlobal(name, value, found);
    if (finding) findings.push(finding);
  }
  return { contexts: contexts.size, findings, globals };
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
