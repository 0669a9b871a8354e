import { readFileSync } from 'node:fs';
import { text as readStream } from 'node:stream/consumers';
import { type Command, Option } from 'commander';
import { fault } from '../errors.ts';
import { type Content, readDocument, readTextList } from '../exchange/index.ts';
import type { List } from '../policy/index.ts';
import { checkedList } from './checked-list.ts';
import { type ImportOptions, importContent } from './import-content.ts';
import { importForerunner } from './import-forerunner.ts';
import { addMysqlOptions, type MysqlOptions, namesMysql } from './import-mysql.ts';
import { type Session, withSession } from './session.ts';
import { counted, shown } from './terminal.ts';

/** More mistakes than this are counted, not printed. */
const MOST_MISTAKES = 20;

interface Options extends ImportOptions, MysqlOptions {
  readonly list?: string;
}

export function registerImport(program: Command): void {
  const verb = program
    .command('import')
    .description(
      "take in what export wrote, a plain list, or IP Country's tables; all of it or nothing",
    )
    .argument('[file]', "a file, or '-' for standard input")
    .addOption(
      new Option('--list <list>', 'the file is plain text, one subject a line, for this list'),
    )
    .option('--replace', 'take out what is not in it')
    .option('--dry-run', 'say what would change, and change nothing')
    .option('--force', 'insist where it would shut everyone out');
  addMysqlOptions(verb);
  verb
    .addHelpText(
      'after',
      `
In a plain list, text behind # is a comment; behind a subject it becomes the note.

From the tables of IP Country (Nerd Vittles, 2009), the ranges of a country become one rule for the
country again, where the list has nearly all of them that geolite has; others stay ranges. Nothing
is written there.

Examples:
  ipcountry import /root/ipcountry.json --dry-run
  ipcountry import --replace /root/ipcountry.json
  ipcountry import --list permit whitelist.txt
  ssh pbx1 ipcountry export | ipcountry import -
  ipcountry import --ipcountry-mysql --dry-run`,
    )
    .action((file: string | undefined, options: Options, command: Command) =>
      withSession(command, (session) =>
        fromMysql(command, file, options)
          ? importForerunner(session, options)
          : importFile(session, file!, options),
      ),
    );
}

/** @throws CommanderError where the command line doesn't say from where, or says it twice */
function fromMysql(command: Command, file: string | undefined, options: Options): boolean {
  if (!options.ipcountryMysql) {
    if (file === undefined) command.error("error: missing required argument 'file'");
    if (namesMysql(options)) command.error('error: the --mysql options go with --ipcountry-mysql');
    return false;
  }
  if (file !== undefined || options.list !== undefined) {
    command.error('error: --ipcountry-mysql takes no file and no --list');
  }
  return true;
}

async function importFile(session: Session, file: string, options: Options): Promise<void> {
  const list = options.list === undefined ? undefined : checkedList(options.list);
  const name = file === '-' ? 'standard input' : file;
  const content = readContent(await readText(file), name, list);
  await importContent(session, content, options, { list });
}

async function readText(file: string): Promise<string> {
  try {
    return file === '-' ? await readStream(process.stdin) : readFileSync(file, 'utf8');
  } catch (cause) {
    throw fault('file-read', file, (cause as NodeJS.ErrnoException).code ?? 'error');
  }
}

/** @throws Fault where the file has mistakes, after each of them has been named */
function readContent(text: string, name: string, list: List | undefined): Content {
  const { content, mistakes } = list ? readTextList(text, list) : readDocument(text, name);
  if (content) return content;
  for (const { where, what } of mistakes.slice(0, MOST_MISTAKES))
    tell(`${name}: ${where}: ${what}`);
  const more = mistakes.length - MOST_MISTAKES;
  if (more > 0) tell(`${name}: and ${counted(more, 'mistake')} more`);
  throw fault('import-mistakes', name, mistakes.length);
}

function tell(line: string): void {
  process.stderr.write(`${shown(line)}\n`);
}
