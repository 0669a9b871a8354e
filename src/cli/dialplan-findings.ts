import type { Check, Finding } from '../dialplan/index.ts';
import { counted, paint, shown } from './terminal.ts';

/** Whether all that Asterisk has is as we wrote it, but for what nothing reaches. */
export function isSound({ findings }: Check): boolean {
  return findings.every((finding) => finding.harmless);
}

/** What a check found, a line each, for people. */
export function describeCheck(check: Check): string[] {
  const lines = check.findings.map(describe);
  if (isSound(check)) {
    const contexts = counted(check.contexts, 'context');
    return [...lines, `${paint('green', 'ok')}: Asterisk has loaded ${contexts} as written`];
  }
  const missing = check.findings.some(({ kind, harmless }) => kind === 'missing' && !harmless);
  return missing ? [...lines, MISSING] : lines;
}

const MISSING =
  "what is missing is not loaded: run 'ipcountry dialplan install --reload', and look into Asterisk's log";

function describe({ kind, where, wanted, found, from, harmless }: Finding): string {
  const origin = from ? ` (${shown(from)})` : '';
  const got = `${shown(found)}${origin}`;
  const mark = harmless ? paint('dim', 'note') : paint('red', kind);
  switch (kind) {
    case 'missing':
      return `${mark}: ${where}: ${wanted}`;
    case 'different':
      return `${mark}: ${where}: Asterisk has ${got || 'nothing'}; we wrote ${wanted}`;
    case 'behind':
      return `${mark}: ${where}: ${got} leaks in behind ours${harmless ? ', and is never reached' : ''}`;
    case 'foreign':
      return `${mark}: ${where}: ${got} is not ours${harmless ? ', and only hangs up' : ': calls to it are not screened'}`;
  }
}
