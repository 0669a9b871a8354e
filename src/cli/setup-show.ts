import { countryName } from '../country/index.ts';
import { fromBytes } from '../edits.ts';
import {
  type Facts,
  hasPart,
  type Plan,
  type PlannedFile,
  type RowChange,
} from '../setup/index.ts';
import { paint, shown } from './terminal.ts';

/** Lines around a change. */
const CONTEXT = 2;

/** A file with a key of one of these names is not shown with its value: other people's are in it, too. */
const SECRET = /^(.*?\b\w*(?:secret|password|license_key)["']?\s*=>?\s*)(?!["']?\(|"")(?:.*\S.*)$/i;

/** Each file's change as a unified diff, secrets left out. */
export async function showFiles(files: readonly PlannedFile[]): Promise<string[]> {
  return Promise.all(
    files.map(async (file) => [head(file), ...(await diffOf(file)).map(colour)].join('\n')),
  );
}

function head({ file, before, secret }: PlannedFile): string {
  const name = paint('bold', shown(file));
  const what = before === undefined ? 'new' : 'changed';
  return secret ? `${name}: ${what}, holds a secret` : `${name}: ${what}`;
}

/** Lines of a unified diff; none of a file that is nothing but a secret. */
async function diffOf({ before = '', after = '', secret }: PlannedFile): Promise<string[]> {
  if (secret) return [];
  const { structuredPatch } = await import('diff'); // no other verb needs it
  const [old, next] = [fromBytes(before), fromBytes(after)];
  const { hunks } = structuredPatch('', '', old, next, '', '', { context: CONTEXT });
  return hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
    `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`,
    ...lines.map((line) => shown(masked(line))),
  ]);
}

function masked(line: string): string {
  return line.replace(SECRET, '$1(not shown)');
}

function colour(line: string): string {
  if (line.startsWith('@@')) return paint('cyan', line);
  if (line.startsWith('+')) return paint('green', line);
  return line.startsWith('-') ? paint('red', line) : line;
}

/** All that is not a file: a line each. */
export function showActions(plan: Plan, facts: Facts): string {
  const lines = [
    ...actions(plan),
    ...(isDeaf(plan, facts) ? [['note', paint('yellow', DEAF)] as const] : []),
  ];
  return lines.map(([what, words]) => `${what.padEnd(WIDTH)} ${words}`).join('\n');
}

const WIDTH = 9;

/** The failure policy of the dialplan: an anonymous call that nobody judges is refused. */
const DEAF = "no server runs: start 'ipcountry serve', or external calls are refused";

/** Whether calls will be asked about, and nobody is there to answer. */
function isDeaf(plan: Plan, { answers }: Facts): boolean {
  return hasPart(plan, 'dialplan') && !answers && plan.enable.length === 0;
}

function actions(plan: Plan): (readonly [string, string])[] {
  const { user, country, enable, mail, reloadUnits } = plan;
  const units = (names: readonly string[]) =>
    names.map((name) => name.replace(/\.service$/, '')).join(' and ');
  const asterisk = [
    ...(hasPart(plan, 'manager') ? ['manager accounts'] : []),
    ...(hasPart(plan, 'dialplan') ? ['dialplan'] : []),
  ];
  return [
    ...rows(plan.rows),
    ...(country ? [['country', `data from ${shown(country.file ?? 'its source')}`] as const] : []),
    ...(user ? [['user', `${user}, for the services, is made`] as const] : []),
    ...(asterisk.length > 0
      ? [['Asterisk', `reads its ${asterisk.join(' and ')} anew`] as const]
      : []),
    ...(enable.length > 0
      ? [['services', `${units(enable)}: now, and at each boot`] as const]
      : []),
    ...(reloadUnits.length > 0
      ? [['services', `${units(reloadUnits)}: read the configuration anew`] as const]
      : []),
    ...(mail.length > 0 ? [['mail', `a test to ${mail.join(', ')}`] as const] : []),
  ];
}

function rows(changes: readonly RowChange[]): (readonly [string, string])[] {
  return changes.map((change) => [change.table, rowText(change)] as const);
}

function rowText({ table, key, before, after }: RowChange): string {
  if (table === 'mode') return 'monitor: every call passes; the journal tells who would not';
  const name = table === 'permit' ? `${key} ${countryName(key)}` : shown(key);
  if (!after) return `${name}: ${paint('red', 'taken out')}`;
  if (table === 'extension') return `${name} leads to ${after['route']}`;
  return before ? `${name}: for good` : name;
}

/** As --json prints it. */
export async function planJson(plan: Plan) {
  const { files, country, ...rest } = plan;
  return {
    ...rest,
    country: country ?? null,
    user: plan.user ?? null,
    files: await Promise.all(
      files.map(async (file) => ({
        file: file.file,
        change: file.before === undefined ? 'created' : 'changed',
        secret: file.secret,
        diff: (await diffOf(file)).join('\n'),
      })),
    ),
  };
}
