import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import type { Contents, OpenBackup, Present } from '../backup/index.ts';
import { SYSTEM_FILE } from '../config.ts';
import { version } from '../version.ts';
import { changePolicy, describeOutlook } from './change.ts';
import { confirm } from './confirm.ts';
import { type Session, withSession } from './session.ts';
import { localTime, shown, table } from './terminal.ts';

interface Options {
  readonly yes?: boolean;
  readonly force?: boolean;
  readonly configToo?: boolean;
}

export function registerRestore(program: Command): void {
  program
    .command('restore')
    .description('bring back what backup saved; a running server goes on with it')
    .argument('<file>', 'what backup wrote')
    .option('--yes', "don't ask")
    .option('--config-too', 'also the configuration, and the files with secrets that it names')
    .option('--force', 'insist where it would shut everyone out')
    .addHelpText(
      'after',
      `
Mode, rules, extensions, domains, scanners and blocks become what the backup has. Calls that the
journal has lost come back to it; none is taken away. Of today remain: mails that wait to be sent,
and what was confirmed for the firewall.

The configuration stays as it is, unless you say --config-too: it belongs to a host (addresses,
ports, accounts), and a server reads it only when it is told to.

What is replaced is saved before, beside the database. Running server and guard take the change in
at the next call. Killed in the middle, a restore has changed nothing.

Examples:
  ipcountry restore /root/ipcountry.tar.gz
  ipcountry restore --yes --config-too /root/ipcountry.tar.gz`,
    )
    .action((file: string, options: Options, command: Command) =>
      withSession(command, (session) => restore(session, file, options)),
    );
}

async function restore(session: Session, file: string, options: Options): Promise<void> {
  const { openBackup } = await import('../backup/index.ts');
  const backup = await openBackup(file);
  try {
    await restoreFrom(session, backup, options);
  } finally {
    backup.close();
  }
}

async function restoreFrom(session: Session, backup: OpenBackup, options: Options): Promise<void> {
  const work = await import('../backup/index.ts');
  const path = session.config.databasePath;
  const target = options.configToo ? (session.config.file ?? SYSTEM_FILE) : undefined;
  if (target !== undefined) work.checkConfig(backup);
  const present = work.presentDatabase(path);
  session.remark(comparison(backup, present));
  const files =
    target === undefined ? [] : [target, ...backup.secrets.map((secret) => secret.path)];
  const replaced = [`database ${path}`, ...files].join(', ');
  await confirm(`this replaces what is in ${replaced}`, options.yes ?? false);

  const saved = await makeRoom(session, present);
  const isNew = present.state !== 'sound';
  const database = session.database();
  const detach = work.attach(database, backup);
  const insist = options.force ?? false;
  const outlook = changePolicy(session, () => work.restoreRows(database, backup, isNew), {
    insist,
  });
  detach();
  if (target !== undefined) work.restoreConfig(backup, target);

  const contents = work.contentsOf(database);
  session.print(
    {
      restored: backup.file,
      from: new Date(backup.manifest.at).toISOString(),
      saved: saved ?? null,
      config: files,
      contents,
      outlook,
    },
    () =>
      [
        `restored; permit then has ${describeOutlook(outlook)}`,
        ...(saved === undefined ? [] : [`what was there before: ${saved}`]),
        ...(target === undefined
          ? []
          : [`${files.join(', ')}: restored; reload or restart the services`]),
        ...(present.state === 'damaged'
          ? ['restart server and guard: they have the damaged database open']
          : []),
      ].join('\n'),
  );
}

/** Saves what is there now, or moves it away where it is damaged. @returns where it is */
async function makeRoom(session: Session, present: Present): Promise<string | undefined> {
  const { makeBackup, setAside } = await import('../backup/index.ts');
  const { databasePath: path, file: config } = session.config;
  const now = Date.now();
  const stamp = new Date(now).toISOString().replaceAll(':', '-');
  if (present.state === 'absent') return undefined;
  if (present.state === 'damaged') return setAside(path, stamp);
  const file = join(dirname(path), `before-restore-${stamp}.tar.gz`);
  const database = session.database();
  await makeBackup({ database, config, file, force: false, version: version(), now });
  return file;
}

const ROWS: readonly (readonly [string, keyof Contents])[] = [
  ['mode', 'mode'],
  ['trust', 'trust'],
  ['deny', 'deny'],
  ['permit', 'permit'],
  ['extensions', 'extensions'],
  ['domains', 'domains'],
  ['scanners', 'scanners'],
  ['blocks', 'blocks'],
  ['calls', 'calls'],
];

function comparison({ manifest, contents }: OpenBackup, present: Present): string {
  const { at, host, version: by } = manifest;
  const now = (key: keyof Contents) =>
    present.state === 'sound' ? String(present.contents[key]) : '';
  return [
    `backup of ${localTime(at)}, made on ${shown(host)} by ipcountry ${shown(by)}`,
    table(
      ['', 'BACKUP', present.state === 'sound' ? 'NOW' : `NOW: ${present.state}`],
      ROWS.map(([name, key]) => [name, shown(String(contents[key])), now(key)]),
    ),
  ].join('\n');
}
