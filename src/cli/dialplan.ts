import type { Command } from 'commander';
import { ASTERISK, askAsterisk } from '../asterisk/index.ts';
import {
  agiAddress,
  applyEdits,
  type Check,
  checkDialplan,
  defaultFile,
  detectKind,
  dialplanText,
  type Kind,
  planInstall,
  planRemove,
  reloadDialplan,
} from '../dialplan/index.ts';
import type { Edit } from '../edits.ts';
import { fault } from '../errors.ts';
import { describeCheck, isSound } from './dialplan-findings.ts';
import { type Session, withSession } from './session.ts';
import { paint } from './terminal.ts';

interface Options {
  readonly file?: string;
  readonly host?: string;
  readonly port?: string;
  readonly asterisk: string;
  readonly reload?: boolean;
  readonly dryRun?: boolean;
  readonly force?: boolean;
}

const KIND = ['[kind]', 'freepbx or plain; found out where not said'] as const;

export function registerDialplan(program: Command): void {
  const dialplan = program
    .command('dialplan')
    .description('the part of the dialplan that asks ipcountry')
    .addHelpText(
      'after',
      '\nExamples:\n  ipcountry dialplan install --dry-run\n  ipcountry dialplan check',
    );
  withAddress(dialplan.command('print'))
    .description('print the dialplan')
    .argument(...KIND)
    .addHelpText('after', '\nExamples:\n  ipcountry dialplan print freepbx')
    .action(verb((session, kind, options) => print(session, kind, options)));
  withFile(withAddress(dialplan.command('install')))
    .description('write the dialplan where Asterisk reads it, and keep a backup')
    .argument(...KIND)
    .option('--force', 'go on where the file has contexts of the same names')
    .addHelpText(
      'after',
      `
FreePBX: into extensions_override_freepbx.conf, between markers. Plain Asterisk: into ipcountry.conf
beside extensions.conf, which includes it; ipcountry.conf tells how a context of yours calls it.

Examples:
  ipcountry dialplan install --dry-run
  ipcountry dialplan install --reload
  ipcountry dialplan install plain --file /usr/local/etc/asterisk/extensions.conf`,
    )
    .action(verb(install));
  withFile(dialplan.command('remove'))
    .description('take out what install wrote, and keep a backup')
    .argument(...KIND)
    .addHelpText('after', '\nExample:\n  ipcountry dialplan remove --reload')
    .action(verb(remove));
  withAddress(dialplan.command('check'))
    .description('ask the running Asterisk whether it has loaded what install wrote; exit 1 if not')
    .argument(...KIND)
    .option('--asterisk <command>', "how to call Asterisk's console", ASTERISK)
    .addHelpText(
      'after',
      `
Examples:
  ipcountry dialplan check
  ipcountry dialplan check plain --asterisk 'asterisk -C /srv/pbx/asterisk.conf'`,
    )
    .action(verb(check));
}

function withAddress(command: Command): Command {
  return command
    .option('--host <address>', 'where the server listens (default: agi.host)')
    .option('--port <port>', 'and on which port (default: agi.port)');
}

function withFile(command: Command): Command {
  return command
    .option('--file <file>', 'the file to change (default: the one in /etc/asterisk)')
    .option('--dry-run', 'say what would be done, and do nothing')
    .option('--reload', 'let Asterisk load the change at once, and check')
    .option('--asterisk <command>', "how to call Asterisk's console", ASTERISK);
}

function verb(work: (session: Session, kind: Kind, options: Options) => void | Promise<void>) {
  return (kind: string | undefined, options: Options, command: Command) =>
    withSession(command, (session) => work(session, checkedKind(kind), options));
}

function checkedKind(text: string | undefined): Kind {
  if (text === undefined) return detectKind();
  if (text !== 'freepbx' && text !== 'plain') throw fault('dialplan-kind', text);
  return text;
}

function addressOf({ config: { agi } }: Session, { host, port }: Options): string {
  const number = port === undefined ? agi.port : Number(port);
  if (port !== undefined && (!/^\d{1,5}$/.test(port) || number < 1 || number > 65_535)) {
    throw fault('dialplan-port', port);
  }
  return agiAddress(host ?? agi.host, number);
}

function print(session: Session, kind: Kind, options: Options): void {
  const text = dialplanText(kind, addressOf(session, options));
  session.print({ kind, text }, () => text.trimEnd());
}

async function install(session: Session, kind: Kind, options: Options): Promise<void> {
  const file = options.file ?? defaultFile(kind);
  const address = addressOf(session, options);
  const edits = planInstall({ kind, file, address, insist: options.force ?? false });
  const nothing = `${file}: already up to date`;
  // Asterisk says "reloaded" even where it could not read the files, so it is asked what it has.
  await carryOut(session, edits, options, nothing, () => ask(session, kind, options));
}

async function remove(session: Session, kind: Kind, options: Options): Promise<void> {
  const file = options.file ?? defaultFile(kind);
  const edits = planRemove({ kind, file });
  await carryOut(session, edits, options, `${file}: nothing of ipcountry in it`);
}

async function carryOut(
  session: Session,
  edits: readonly Edit[],
  options: Options,
  nothing: string,
  look?: () => Promise<Check>,
): Promise<void> {
  const dryRun = options.dryRun ?? false;
  const backups = dryRun ? new Map<string, string>() : applyEdits(edits, new Date());
  const reload = (options.reload ?? false) && edits.length > 0 && !dryRun;
  if (reload) await reloadDialplan(options.asterisk);
  const check = reload ? await look?.() : undefined;
  const data = edits.map(({ file, before, after }) => ({
    file,
    change: after === undefined ? 'deleted' : before === undefined ? 'created' : 'changed',
    backup: backups.get(file) ?? null,
  }));
  session.print({ edits: data, dryRun, reloaded: reload, ...(check && { check }) }, () => {
    if (data.length === 0) return nothing;
    const would = dryRun ? 'would be ' : '';
    const lines = data.map(({ file, change, backup }) => {
      const kept = backup === null ? '' : ` (backup: ${backup})`;
      return `${file}: ${would}${paint('bold', change)}${kept}`;
    });
    if (check) lines.push(...describeCheck(check));
    else if (reload) lines.push('Asterisk has reloaded its dialplan');
    else if (!dryRun) lines.push(`now run: ${options.asterisk} -rx "dialplan reload"`);
    return lines.join('\n');
  });
  if (check && !isSound(check)) process.exitCode = 1;
}

async function check(session: Session, kind: Kind, options: Options): Promise<void> {
  const found = await ask(session, kind, options);
  session.print({ ok: isSound(found), kind, ...found }, () => describeCheck(found).join('\n'));
  if (!isSound(found)) process.exitCode = 1;
}

function ask(session: Session, kind: Kind, options: Options): Promise<Check> {
  const address = addressOf(session, options);
  return checkDialplan(kind, address, (command) => askAsterisk(options.asterisk, command));
}
