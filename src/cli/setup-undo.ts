import { fault } from '../errors.ts';
import {
  configOf,
  forgetRecord,
  readRecord,
  recordPath,
  type SetupRecord,
  takeBack,
} from '../setup/index.ts';
import { confirm } from './confirm.ts';
import { interruptible } from './interruptible.ts';
import type { SetupOptions } from './setup-flags.ts';
import { handsOf } from './setup-hands.ts';
import { localTime, paint, shown } from './terminal.ts';

/** Takes back what the last setup did, as far as nobody has changed it since. */
export async function undoSetup(
  configFile: string,
  json: boolean,
  { yes = false, dryRun = false }: Pick<SetupOptions, 'yes' | 'dryRun'>,
): Promise<void> {
  const config = configOf(configFile);
  const path = recordPath(config.databasePath);
  const record = readRecord(path);
  if (!record) throw fault('setup-nothing-to-undo');
  const what = describe(record);
  if (dryRun) return print(json, { undone: false, dryRun: true, ...what, left: [] }, text(record));
  if (!yes) process.stderr.write(`${text(record)}\n`);
  await confirm('this takes the last setup back', yes);
  const left = await interruptible(() => takeBack(record, config.databasePath, handsOf(config)));
  if (left.length === 0) forgetRecord(path, record);
  else process.exitCode = 1;
  const lines = [
    ...(left.length === 0
      ? [`${paint('green', 'ok')}: the setup is taken back${more(record)}`]
      : []),
    ...left.map((words) => `${paint('red', 'not taken back')}: ${shown(words)}`),
  ];
  print(json, { undone: left.length === 0, dryRun: false, ...what, left }, lines.join('\n'));
}

/** Each `--undo` goes one step. */
function more({ previous }: SetupRecord): string {
  return previous ? `; the one before, of ${localTime(previous.at)}, can be taken back, too` : '';
}

function print(json: boolean, data: unknown, text: string): void {
  process.stdout.write(`${json ? JSON.stringify(data, undefined, 2) : text}\n`);
}

function describe({ at, finished, files, rows, enabled }: SetupRecord) {
  return {
    at: new Date(at).toISOString(),
    finished,
    files: files.map(({ file, before }) => ({
      file,
      change: before === undefined ? 'delete' : 'restore',
    })),
    rows: rows.map(({ table, key, before }) => ({ table, key, before })),
    disable: enabled,
  };
}

function text(record: SetupRecord): string {
  const { at, finished, files, rows, enabled } = record;
  const cut = finished ? '' : ', which was cut short';
  return [
    `setup of ${localTime(at)}${cut}:`,
    ...files.map(({ file, before }) => {
      const verb = before === undefined ? 'delete' : 'restore';
      return `  ${verb.padEnd(8)} ${shown(file)}`;
    }),
    ...rows.map(({ table, key, before }) => {
      const verb = before === null ? 'take out' : 'restore';
      return `  ${verb.padEnd(8)} ${table === 'mode' ? `mode ${before?.['mode']}` : `${table} ${shown(key)}`}`;
    }),
    ...enabled.map((unit) => `  ${'stop'.padEnd(8)} ${unit}`),
  ].join('\n');
}
