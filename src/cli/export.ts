import type { Command } from 'commander';
import { exportDocument } from '../exchange/index.ts';
import { replaceFile } from '../replace-file.ts';
import { type Session, withSession } from './session.ts';
import { counted } from './terminal.ts';

export function registerExport(program: Command): void {
  program
    .command('export')
    .description('write mode, rules, extensions, domains and scanners as one JSON document')
    .argument('[file]', 'where to; standard output without')
    .addHelpText(
      'after',
      '\nExamples:\n  ipcountry export /root/ipcountry.json\n  ipcountry export | ssh standby ipcountry import --replace -',
    )
    .action((file: string | undefined, _options: object, command: Command) =>
      withSession(command, (session) => write(session, file)),
    );
}

function write(session: Session, file: string | undefined): void {
  const document = exportDocument(session.database());
  const text = `${JSON.stringify(document, undefined, 2)}\n`;
  if (file === undefined) {
    process.stdout.write(text);
    return;
  }
  replaceFile(file, text);
  const { rules, extensions, domains, scanners } = document;
  session.print(
    {
      exported: file,
      rules: rules.length,
      extensions: extensions.length,
      domains: domains.length,
      scanners: scanners.length,
    },
    () =>
      `${file}: ${[
        counted(rules.length, 'rule'),
        counted(extensions.length, 'extension'),
        counted(domains.length, 'domain'),
        counted(scanners.length, 'scanner pattern'),
      ].join(', ')}`,
  );
}
