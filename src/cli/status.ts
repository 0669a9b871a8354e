import type { Command } from 'commander';
import { type Session, withSession } from './session.ts';

export function registerStatus(program: Command): void {
  program
    .command('status')
    .description('show whether all is well, and what ipcountry works with')
    .addHelpText(
      'after',
      `
The server is asked as Asterisk asks it; nothing is journalled. Exit code, as a health check wants it:
  0  all is well (monitor mode is no problem)
  1  something is wrong; each problem is named, with what to do about it
  2  status itself failed, and says why

Examples:
  ipcountry status
  ipcountry status --json
  ipcountry status >/dev/null || echo 'ipcountry needs somebody to look'`,
    )
    .action((_options: object, command: Command) => withSession(command, status));
}

async function status(session: Session): Promise<void> {
  const { gatherStatus } = await import('./status-facts.ts');
  const { statusText } = await import('./status-view.ts');
  const facts = await gatherStatus(session);
  session.print(facts, () => statusText(facts));
  if (!facts.healthy) process.exitCode = 1;
}
