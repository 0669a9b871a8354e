import { fault } from '../errors.ts';
import { applied, flat, isTable, tryParse } from './toml-meaning.ts';

/** One key of one section; undefined takes it out. */
export interface TomlChange {
  readonly section: string;
  readonly key: string;
  readonly value: string | number | readonly string[] | undefined;
}

/** Lines that belong together: a header, a key with its value, or one blank line or comment. */
interface Statement {
  readonly from: number;
  /** Behind its last line. */
  readonly to: number;
  readonly kind: 'header' | 'key' | 'other';
  /** `[mail]` → mail; `to = …` under it → mail, to. */
  readonly path: readonly string[];
}

/**
 * Changes keys of a configuration file and leaves all the rest of its text alone: comments, order
 * and keys that setup knows nothing of.
 * @param file for the message
 * @throws Fault where the file is written in a way that this can't change
 */
export function editToml(text: string, changes: readonly TomlChange[], file: string): string {
  let next = text;
  for (const change of changes) {
    const wanted = applied(next, change);
    const candidate = edit(next, change);
    if (flat(candidate) !== wanted) throw fault('setup-toml', file, change.section, change.key);
    next = candidate;
  }
  return next;
}

function edit(text: string, { section, key, value }: TomlChange): string {
  const end = text.includes('\r\n') ? '\r\n' : '\n';
  const lines = text === '' ? [] : text.replace(/\r?\n$/, '').split(/\r?\n/);
  const statements = statementsOf(lines);
  const present = statements.find(({ kind, path }) => kind === 'key' && is(path, section, key));
  if (present) {
    const old = lines.slice(present.from, present.to).join('\n');
    const fresh = value === undefined ? [] : [withValue(old, toml(value))];
    lines.splice(present.from, present.to - present.from, ...fresh);
  } else if (value !== undefined) insert(lines, statements, section, key, toml(value));
  return lines.length === 0 ? '' : lines.join(end) + end;
}

function insert(
  lines: string[],
  statements: readonly Statement[],
  section: string,
  key: string,
  value: string,
): void {
  const line = `${key} = ${value}`;
  const header = statements.findIndex(({ kind, path }) => kind === 'header' && is(path, section));
  if (header < 0) {
    lines.push(...(lines.length > 0 ? [''] : []), `[${section}]`, line);
    return;
  }
  const next = statements.findIndex(({ kind }, i) => kind === 'header' && i > header);
  const inside = statements.slice(header, next < 0 ? undefined : next);
  // The sample file has keys without a default as comments: the new one goes below its own.
  const sample = inside.findLast(
    ({ from, kind }) => kind === 'other' && new RegExp(`^\\s*#\\s*${key}\\s*=`).test(lines[from]!),
  );
  const last = inside.findLast(({ kind }) => kind !== 'other')!;
  lines.splice((sample ?? last).to, 0, line);
}

function statementsOf(lines: readonly string[]): Statement[] {
  const statements: Statement[] = [];
  let section: readonly string[] = [];
  for (let from = 0; from < lines.length; ) {
    const bare = lines[from]!.trim();
    if (bare === '' || bare.startsWith('#')) {
      statements.push({ from, to: ++from, kind: 'other', path: [] });
      continue;
    }
    const kind = bare.startsWith('[') ? 'header' : 'key';
    let to = from + 1;
    let parsed = tryParse(lines.slice(from, to).join('\n'));
    // A list or text over many lines ends where it can be parsed.
    while (!parsed && to < lines.length) parsed = tryParse(lines.slice(from, ++to).join('\n'));
    const names = namesIn(parsed ?? {});
    if (kind === 'header') section = names;
    statements.push({ from, to, kind, path: kind === 'header' ? names : [...section, ...names] });
    from = to;
  }
  return statements;
}

/** The names down to the value: `mail.to = []` → mail, to. */
function namesIn(table: Record<string, unknown>): string[] {
  const [name, value] = Object.entries(table)[0] ?? [];
  if (name === undefined) return [];
  return isTable(value) ? [name, ...namesIn(value)] : [name];
}

/** The statement with another value; a comment behind the old one stays. */
function withValue(statement: string, value: string): string {
  const [, name = ''] = /^((?:[^="']|"[^"]*"|'[^']*')*)=/s.exec(statement) ?? [];
  const meant = flat(statement);
  let comment = '';
  for (let at = statement.indexOf('#'); at >= 0; at = statement.indexOf('#', at + 1)) {
    const before = tryParse(statement.slice(0, at));
    if (!before || flat(statement.slice(0, at)) !== meant) continue;
    comment = `${/[ \t]*$/.exec(statement.slice(0, at))![0]}${statement.slice(at)}`;
    break;
  }
  return `${name}= ${value}${comment}`;
}

function toml(value: string | number | readonly string[]): string {
  // What JSON escapes, TOML reads as well.
  return typeof value !== 'object' ? JSON.stringify(value) : `[${value.map(toml).join(', ')}]`;
}

function is(path: readonly string[], ...wanted: readonly string[]): boolean {
  return path.length === wanted.length && path.every((name, i) => name === wanted[i]);
}
