import { stripVTControlCharacters } from 'node:util';

/** One priority of an extension. */
export interface Step {
  readonly context: string;
  readonly extension: string;
  readonly priority: number;
  /** Empty where it has none. */
  readonly label: string;
  /** `Goto(context,s,1)`; brackets always. */
  readonly action: string;
  /** `extensions.conf:12`: where Asterisk read it; empty for what we wrote ourselves. */
  readonly from: string;
}

/**
 * Reads a dialplan as Asterisk's pbx_config does, as far as ours goes: `exten =>`, `same =>`, `n`
 * (counted for each extension), labels, comments.
 */
export function readSteps(text: string): Step[] {
  const steps: Step[] = [];
  let context = '';
  let extension = '';
  let last = new Map<string, number>();
  for (const line of text.split(/\r?\n/).map(withoutComment)) {
    const header = /^\[([^\]]+)\]/.exec(line)?.[1];
    if (header !== undefined) {
      context = header;
      last = new Map();
    }
    const [, word, rest = ''] = /^(exten|same)\s*=>?\s*(.*)$/.exec(line) ?? [];
    if (!word || context === '') continue;
    let step = rest;
    if (word === 'exten') {
      extension = rest.slice(0, rest.indexOf(',')).trim();
      step = rest.slice(rest.indexOf(',') + 1);
    }
    const [, count, label = '', action = ''] =
      /^\s*(n|\d+)\s*(?:\(([^)]*)\))?\s*,\s*(.*)$/.exec(step) ?? [];
    if (!count) continue;
    const priority = count === 'n' ? (last.get(extension) ?? 0) + 1 : Number(count);
    last.set(extension, priority);
    steps.push({ context, extension, priority, label, action: bracketed(action), from: '' });
  }
  return steps;
}

/** Settings of [globals]: name → value. */
export function readGlobals(text: string): Map<string, string> {
  const globals = new Map<string, string>();
  let inside = false;
  for (const line of text.split(/\r?\n/).map(withoutComment)) {
    if (line.startsWith('[')) inside = line.startsWith('[globals]');
    const [, name, value] = /^(\w+)\s*=>?\s*(.*)$/.exec(line) ?? [];
    if (inside && name && value !== undefined) globals.set(name, value);
  }
  return globals;
}

/** `;` begins a comment, `\;` is a semicolon. */
function withoutComment(line: string): string {
  return line
    .replace(/(^|[^\\]);.*$/, '$1')
    .replaceAll('\\;', ';')
    .trim();
}

function bracketed(action: string): string {
  if (action.endsWith(')')) return action;
  return action.includes('(') ? `${action})` : `${action}()`;
}

/** Label, priority, application and origin, in the columns of `dialplan show`. */
const SHOWN =
  /^(?:\[(?<label>[^\]]*)\])?\s*(?<priority>\d+)\. (?<action>.*\S)\s+\[(?<from>[^[\]]*)\]$/;

/**
 * Reads what `dialplan show CONTEXT` prints (Asterisk 16 and 22). Hints, includes, switches and
 * ignore patterns are no steps. A label of priority 1 is not shown by Asterisk.
 */
export function readShownSteps(output: string): Step[] {
  const steps: Step[] = [];
  let context = '';
  let extension = '';
  for (const line of stripVTControlCharacters(output).split(/\r?\n/)) {
    context = /^\[ Context '(.*)' created by /.exec(line)?.[1] ?? context;
    const head = /^ {2}'(.*?)' (?:\(CID match '(.*)'\) )?=>\s+(.*)$/.exec(line);
    if (head) extension = head[1]! + (head[2] === undefined ? '' : `/${head[2]}`);
    const {
      label = '',
      priority,
      action,
      from,
    } = SHOWN.exec((head?.[3] ?? line).trim())?.groups ?? {};
    if (!priority || !action || from === undefined) continue;
    steps.push({ context, extension, priority: Number(priority), label, action, from });
  }
  return steps;
}

/** Reads what `dialplan show globals` prints. */
export function readShownGlobals(output: string): Map<string, string> {
  const lines = stripVTControlCharacters(output).matchAll(/^ {3}(\w+)=(.*)$/gm);
  return new Map([...lines].map(([, name, value]) => [name!, value!]));
}
