import type { Command } from 'commander';
import { fault } from '../errors.ts';
import { getMode, type Mode, setMode } from '../policy/index.ts';
import { changePolicy, describeOutlook, type Outlook } from './change.ts';
import { type Session, withSession } from './session.ts';
import { paint } from './terminal.ts';

const MEANS: Record<Mode, string> = {
  monitor: 'every call passes; the journal tells what would have been refused',
  enforce: 'strangers are refused',
};

/** Options of `mode enforce`; the last insists on any mode. */
export interface ModeOptions {
  readonly days?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly force?: boolean;
}

export function registerMode(program: Command): void {
  program
    .command('mode')
    .description('show or set whether strangers are refused or only journalled')
    .argument('[mode]', 'monitor or enforce')
    .option('--days <days>', 'enforce: judge the calls of so many days first (default: 7)')
    .option('--dry-run', 'enforce: judge them, and change nothing')
    .option('-y, --yes', 'enforce: do not ask, whoever is cut off')
    .option('--force', 'insist where it would shut everyone out')
    .addHelpText(
      'after',
      `
From monitor to enforce, what today's rules would have done to the last days' calls is shown first,
and who got through and looks legitimate: who talked for 30 s or longer, called on several days, or
dialled the same number three times or more. Who was answered, and how long, is in Asterisk's call
records (cdr.csv) or FreePBX's (cdr.database); without them repetition alone tells.

On a terminal you are asked. Elsewhere it goes ahead where nobody looks legitimate, and is refused
with exit 2 where somebody does, unless --yes insists. --dry-run exits with 1 where somebody does.

Examples:
  ipcountry mode
  ipcountry mode monitor
  ipcountry mode enforce --dry-run --days 30
  ipcountry mode enforce`,
    )
    .action((mode: string | undefined, options: ModeOptions, command: Command) =>
      withSession(command, async (session) => {
        if (mode === undefined) return show(session);
        if (checkedMode(mode) === 'monitor')
          return announce(session, setTo(session, 'monitor', options));
        // Loaded here alone: it reads call records, and judges.
        const { enforce } = await import('./mode-enforce.ts');
        await enforce(session, options);
      }),
    );
}

function checkedMode(text: string): Mode {
  if (text !== 'monitor' && text !== 'enforce') throw fault('mode-unknown', text);
  return text;
}

function show(session: Session): void {
  const mode = getMode(session.database());
  session.print({ mode }, () => `${paint('bold', mode)}: ${MEANS[mode]}`);
}

/** A mode that was set, and what that means. */
export interface ModeSet {
  readonly mode: Mode;
  readonly outlook: Outlook;
}

/** @throws Fault where it would shut everyone out */
export function setTo(session: Session, mode: Mode, { force = false }: ModeOptions): ModeSet {
  const outlook = changePolicy(session, (database) => setMode(database, mode), { insist: force });
  return { mode, outlook };
}

export function announce(session: Session, { mode, outlook }: ModeSet, more: object = {}): void {
  session.print({ mode, outlook, ...more }, () => {
    const permitted = mode === 'enforce' ? `; permitted: ${describeOutlook(outlook)}` : '';
    return `${paint('bold', mode)}: ${MEANS[mode]}${permitted}`;
  });
}
