import type { Command } from 'commander';
import { fault } from '../errors.ts';
import { getMode, type Mode, setMode } from '../policy/index.ts';
import { changePolicy, describeOutlook } from './change.ts';
import { type Session, withSession } from './session.ts';
import { paint } from './terminal.ts';

const MEANS: Record<Mode, string> = {
  monitor: 'every call passes; the journal tells what would have been refused',
  enforce: 'strangers are refused',
};

export function registerMode(program: Command): void {
  program
    .command('mode')
    .description('show or set whether strangers are refused or only journalled')
    .argument('[mode]', 'monitor or enforce')
    .option('--force', 'insist where it would shut everyone out')
    .addHelpText('after', '\nExamples:\n  ipcountry mode\n  ipcountry mode monitor')
    .action((mode: string | undefined, options: { force?: boolean }, command: Command) =>
      withSession(command, (session) => {
        if (mode !== undefined) return change(session, checkedMode(mode), options.force ?? false);
        const now = getMode(session.database());
        session.print({ mode: now }, () => `${paint('bold', now)}: ${MEANS[now]}`);
      }),
    );
}

function checkedMode(text: string): Mode {
  if (text !== 'monitor' && text !== 'enforce') throw fault('mode-unknown', text);
  return text;
}

function change(session: Session, mode: Mode, insist: boolean): void {
  const outlook = changePolicy(session, (database) => setMode(database, mode), { insist });
  session.print({ mode, outlook }, () => {
    const permitted = mode === 'enforce' ? `; permitted: ${describeOutlook(outlook)}` : '';
    return `${paint('bold', mode)}: ${MEANS[mode]}${permitted}`;
  });
}
