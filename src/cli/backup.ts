import type { Command } from 'commander';
import { version } from '../version.ts';
import { type Session, withSession } from './session.ts';
import { counted } from './terminal.ts';

export function registerBackup(program: Command): void {
  program
    .command('backup')
    .description('save database and configuration in one file, while the server runs')
    .argument('<file>', 'where to; a tar.gz')
    .option('--force', 'replace a file that is there')
    .addHelpText(
      'after',
      `
The file has rules, extensions, domains, scanners, blocks and the journal of calls, the
configuration, and the files with secrets that the configuration names (...secret_file and the
like). It is made for its owner's eyes alone (mode 0600): keep it so. The country database is not
in it: 'ipcountry country update' gets it again.

Examples:
  ipcountry backup /root/ipcountry.tar.gz
  ipcountry backup --force /var/backups/ipcountry.tar.gz`,
    )
    .action((file: string, options: { force?: boolean }, command: Command) =>
      withSession(command, (session) => backup(session, file, options.force ?? false)),
    );
}

async function backup(session: Session, file: string, force: boolean): Promise<void> {
  const { makeBackup, noteBackup } = await import('../backup/index.ts');
  const database = session.database();
  const now = Date.now();
  const config = session.config.file;
  const made = await makeBackup({ database, config, file, force, version: version(), now });
  noteBackup(database, now);
  const { manifest, contents, bytes } = made;
  const names = manifest.files.map(({ name }) => name);
  session.print(
    { backup: file, at: new Date(now).toISOString(), bytes, files: names, contents },
    () => {
      const { trust, deny, permit, extensions, domains, calls } = contents;
      const secrets = names.filter((name) => name.startsWith('secrets/')).length;
      return [
        `${file} (${size(bytes)}, checked): ${[
          counted(trust + deny + permit, 'rule'),
          counted(extensions, 'extension'),
          counted(domains, 'domain'),
          counted(calls, 'call'),
        ].join(', ')}`,
        config === undefined
          ? 'no configuration file is in use, so there is none in it'
          : `with ${config}${secrets > 0 ? ` and ${counted(secrets, 'file')} with secrets` : ''}: keep it where nobody else can read it`,
      ].join('\n');
    },
  );
}

function size(bytes: number): string {
  return bytes < 2 ** 20
    ? `${Math.ceil(bytes / 2 ** 10)} KiB`
    : `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
