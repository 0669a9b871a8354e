import type { Command } from 'commander';
import { fault } from '../errors.ts';
import { addScanner, listScanners, removeScanner } from '../policy/index.ts';
import { origin, withSession } from './session.ts';
import { shown, table } from './terminal.ts';

export function registerScanner(program: Command): void {
  const scanner = program
    .command('scanner')
    .description('User-Agent texts of scanners, whose calls are refused')
    .addHelpText('after', '\nExample:\n  ipcountry scanner add evilphone');
  scanner
    .command('add')
    .description('refuse calls whose User-Agent contains a text')
    .argument('<text>', 'letters in any case')
    .option('--note <text>', 'why; shown in lists')
    .addHelpText('after', '\nExample:\n  ipcountry scanner add evilphone --note "seen 2026-11"')
    .action((text: string, options: { note?: string }, command: Command) =>
      withSession(command, (session) => {
        const entry = { name: text, note: options.note ?? '', origin: origin() };
        addScanner(session.database(), entry, Date.now());
        session.print(
          { added: text.toLowerCase() },
          () => `calls whose User-Agent contains '${text}' are refused`,
        );
      }),
    );
  scanner
    .command('remove')
    .description('forget a text')
    .argument('<text>')
    .addHelpText('after', '\nExample:\n  ipcountry scanner remove eyebeam')
    .action((text: string, _options: object, command: Command) =>
      withSession(command, (session) => {
        if (!removeScanner(session.database(), text)) throw fault('scanner-absent', text);
        session.print(
          { removed: text.toLowerCase() },
          () => `'${text}' is no longer taken for a scanner`,
        );
      }),
    );
  scanner
    .command('list')
    .description('show the texts')
    .addHelpText('after', '\nExample:\n  ipcountry scanner list')
    .action((_options: object, command: Command) =>
      withSession(command, (session) => {
        const rows = listScanners(session.database());
        session.print(rows, () =>
          table(
            ['USER-AGENT CONTAINS', 'NOTE', 'ORIGIN'],
            rows.map((row) => [shown(row.name), shown(row.note), row.origin]),
          ),
        );
      }),
    );
}
