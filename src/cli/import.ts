import { readFileSync } from 'node:fs';
import { text as readStream } from 'node:stream/consumers';
import { type Command, Option } from 'commander';
import { fault } from '../errors.ts';
import {
  applyContent,
  type Content,
  type Counts,
  type Part,
  readDocument,
  readTextList,
} from '../exchange/index.ts';
import type { List } from '../policy/index.ts';
import { changePolicy, describeOutlook, type Outlook } from './change.ts';
import { progressBar } from './progress.ts';
import { checkedList } from './remove.ts';
import { resolveNow } from './resolve.ts';
import { type Session, withSession } from './session.ts';
import { counted, paint, shown } from './terminal.ts';

/** More mistakes than this are counted, not printed. */
const MOST_MISTAKES = 20;

interface Options {
  readonly list?: string;
  readonly replace?: boolean;
  readonly dryRun?: boolean;
  readonly force?: boolean;
}

export function registerImport(program: Command): void {
  program
    .command('import')
    .description('take in what export wrote, or a plain list of subjects; all of it or nothing')
    .argument('<file>', "a file, or '-' for standard input")
    .addOption(
      new Option('--list <list>', 'the file is plain text, one subject a line, for this list'),
    )
    .option('--replace', 'take out what the file does not have')
    .option('--dry-run', 'say what would change, and change nothing')
    .option('--force', 'insist where it would shut everyone out')
    .addHelpText(
      'after',
      `
In a plain list, text behind # is a comment; behind a subject it becomes the note.

Examples:
  ipcountry import /root/ipcountry.json --dry-run
  ipcountry import --replace /root/ipcountry.json
  ipcountry import --list permit whitelist.txt
  ssh pbx1 ipcountry export | ipcountry import -`,
    )
    .action((file: string, options: Options, command: Command) =>
      withSession(command, (session) => importFile(session, file, options)),
    );
}

async function importFile(session: Session, file: string, options: Options): Promise<void> {
  const list = options.list === undefined ? undefined : checkedList(options.list);
  const name = file === '-' ? 'standard input' : file;
  const content = readContent(await readText(file), name, list);
  const bar = progressBar('import');
  let counts: Partial<Record<Part, Counts>> = {};
  const work = () =>
    changePolicy(
      session,
      (database, now) => {
        const replace = options.replace ?? false;
        counts = applyContent(database, content, { replace, now, progress: bar.update });
      },
      { insist: options.force ?? false, ...(list && { list }) },
    );
  let outlook: Outlook;
  try {
    outlook = options.dryRun ? rehearse(session, work) : work();
  } finally {
    bar.end();
  }
  const { mode } = content;
  session.print({ ...counts, mode: mode ?? null, dryRun: options.dryRun ?? false, outlook }, () =>
    [
      ...(options.dryRun ? ['nothing was changed; the import would give:'] : []),
      ...Object.entries(counts).flatMap(([part, count]) => describeCounts(part, count)),
      ...(mode ? [`mode: ${paint('bold', mode)}`] : []),
      `${list ?? 'permit'} then has ${describeOutlook(outlook)}`,
    ].join('\n'),
  );
  if (!options.dryRun) await tellNames(session, content);
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

/** Does the work and takes it back. */
function rehearse<T>(session: Session, work: () => T): T {
  const database = session.database();
  database.exec('BEGIN IMMEDIATE');
  try {
    return work(); // its own transaction becomes a savepoint in ours
  } finally {
    if (database.inTransaction) database.exec('ROLLBACK');
  }
}

function describeCounts(part: string, { added, already, removed }: Counts): string[] {
  if (added + already + removed === 0) return [];
  const words = [`${added} added`];
  if (already > 0) words.push(`${already} there already`);
  if (removed > 0) words.push(`${removed} removed`);
  return [`${part}: ${words.join(', ')}`];
}

async function tellNames(session: Session, content: Content): Promise<void> {
  const subjects = (content.rules ?? []).map((rule) => rule.subject);
  const silent = [...(await resolveNow(session, subjects))].filter(([, found]) => !found.length);
  for (const [host] of silent) {
    session.remark(`note: ${host} does not resolve now; until it does, the rule matches nothing`);
  }
}
