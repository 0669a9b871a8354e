import { basename } from 'node:path';
import type { Conf } from './conf.ts';
import type { Context, Dialplan } from './dialplan.ts';
import { buildContext, type ContextBuilder } from './dialplan-build.ts';
import { fillGlobals } from './globals.ts';
import type { Section, Setting } from './section.ts';

/**
 * The dialplan that extensions.conf makes, with all that it includes, as Asterisk loads it
 * (pbx/pbx_config.c).
 */
export function dialplanOfConf({
  sections,
  remarks,
}: Pick<Conf, 'sections' | 'remarks'>): Dialplan {
  const read = sections.filter(({ template }) => !template);
  const globals = new Map<string, string>();
  for (const { name, value } of read.filter(isGlobals).flatMap(({ settings }) => settings)) {
    globals.set(name.replace(/^__?/, ''), fillGlobals(value, globals));
  }
  const builders = new Map<string, ContextBuilder>();
  const lost: string[] = [];
  for (const section of read) {
    if (isGlobals(section) || section.name.toLowerCase() === 'general') continue;
    const builder = builders.get(section.name) ?? buildContext(section.name);
    builders.set(section.name, builder);
    lost.push(...readContext(section, builder, globals));
  }
  const contexts = new Map<string, Context>();
  for (const [name, builder] of builders) contexts.set(name, builder.build());
  return { source: 'files', contexts, globals, remarks: [...remarks, ...lost] };
}

function isGlobals({ name }: Section): boolean {
  return name.toLowerCase() === 'globals';
}

/** Priority of what was read last; Asterisk counts a hint as -1. */
interface Counter {
  extension: string;
  last: number | undefined;
}

/** @returns a line for each that Asterisk refuses */
function readContext(
  { name: context, settings }: Section,
  builder: ContextBuilder,
  globals: ReadonlyMap<string, string>,
): string[] {
  const refused: string[] = [];
  const counter: Counter = { extension: '', last: undefined };
  for (const setting of settings) {
    const { value, file, line } = setting;
    const word = setting.name.toLowerCase();
    let trouble: string | undefined;
    if (word === 'exten') {
      const end = endOfField(value);
      counter.extension = fillGlobals(value.slice(0, end), globals);
      trouble = readStep(setting, value.slice(end + 1), builder, counter, globals);
    } else if (word.startsWith('same')) {
      trouble =
        counter.extension === ''
          ? 'no extension before it'
          : readStep(setting, value, builder, counter, globals);
    } else if (word === 'include') builder.addInclude(fillGlobals(value, globals));
    else if (word === 'switch') builder.addSwitch(switchOf(fillGlobals(value, globals)));
    else if (word === 'lswitch' || word === 'eswitch') builder.addSwitch(switchOf(value));
    if (trouble) refused.push(`${file}:${line}: [${context}] ${trouble}: Asterisk leaves it out`);
  }
  return refused;
}

/** Asterisk keeps the slash also where nothing follows it. */
function switchOf(text: string): string {
  return text.includes('/') ? text : `${text}/`;
}

/** The first comma that is neither in `[…]` nor behind a backslash (pbx_strsep). */
function endOfField(value: string): number {
  let square = 0;
  for (let i = 0; i < value.length; i++) {
    if (value[i] === '[') square++;
    else if (value[i] === ']') square = Math.max(0, square - 1);
    else if (value[i] === '\\') i++;
    else if (value[i] === ',' && square === 0) return i;
  }
  return value.length;
}

/** Reads `priority(label)+offset,Application(data)`. @returns why it counts for nothing */
function readStep(
  { file, line }: Setting,
  text: string,
  builder: ContextBuilder,
  counter: Counter,
  globals: ReadonlyMap<string, string>,
): string | undefined {
  const slash = counter.extension.indexOf('/');
  const extension = slash < 0 ? counter.extension : counter.extension.slice(0, slash);
  const callerId = slash < 0 ? undefined : shrinkNumber(counter.extension.slice(slash + 1));
  const comma = text.indexOf(',');
  const head = (comma < 0 ? text : text.slice(0, comma)).trim();
  const action = comma < 0 ? '' : text.slice(comma + 1);
  const [, word = '', label, bracket] = /^([^(]*)(?:\(([^)]*)(\)?))?/.exec(head) ?? [];
  if (label !== undefined && bracket === '') return 'a label without closing bracket';
  const [count = '', offset] = word.split(/\+(.*)/s);
  let priority: number | undefined;
  if (count === 'hint') priority = -1;
  else if (['n', 'next', 's', 'same'].includes(count)) {
    if (counter.last === undefined) return `a priority ${count} without one before it`;
    priority = counter.last + (count.startsWith('n') ? 1 : 0);
  } else {
    const digits = /^\s*-?\d+/.exec(count)?.[0];
    priority = digits ? Number(digits) : builder.findLabel(extension, callerId, count);
    if (priority === undefined || priority < 1) return `no priority ${count}`;
  }
  // Behind a hint there is no next: Asterisk counts from -1 and drops what comes to be 0.
  if (priority === 0) return 'a priority n behind a hint';
  priority += Number.parseInt(offset ?? '0', 10) || 0;
  counter.last = priority;
  if (extension === '') return 'an extension without a name';
  const { application, data } = applicationOf(action);
  if (priority === -1) {
    builder.addHint(extension, callerId, hintOf(application, extension, globals));
    return undefined;
  }
  const step = {
    priority,
    label: label ?? '',
    application,
    data,
    from: `${basename(file)}:${line}`,
  };
  return builder.addStep(extension, callerId, step)
    ? undefined
    : `${extension},${priority} stands earlier already`;
}

/** Asterisk fills a hint in where it loads it, but for patterns. */
function hintOf(text: string, extension: string, globals: ReadonlyMap<string, string>): string {
  if (extension.startsWith('_')) return text.trimEnd();
  return fillGlobals(text.trimEnd(), new Map([...globals, ['EXTEN', extension]]));
}

/** A variable in the place of the application leaves the line whole. */
function applicationOf(text: string): { application: string; data: string } {
  const open = text.indexOf('(');
  const name = open < 0 ? text : text.slice(0, open);
  if (open < 0 || /\$[{[]/.test(name)) return { application: text.trimStart(), data: '' };
  const rest = text.slice(open + 1);
  const close = rest.lastIndexOf(')');
  return { application: name.trimStart(), data: close < 0 ? rest : rest.slice(0, close) };
}

/** As ast_shrink_phone_number() does. */
function shrinkNumber(number: string): string {
  let square = 0;
  let kept = '';
  for (const [i, character] of [...number].entries()) {
    if (character === '[') square++;
    if (character === ']') square--;
    const dropped =
      '( )'.includes(character) ||
      (character === '-' && square === 0) ||
      (character === '.' && i < number.length - 1);
    if (!dropped) kept += character;
  }
  return kept;
}
