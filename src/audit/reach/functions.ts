import { bytesOf, readExtensionName, separateArguments, setOf } from '../../asterisk/index.ts';
import { truth } from './expression.ts';
import { fillText, type Scope } from './fill.ts';
import { isCallers, isHarmless, isKnown, markOf, type Text, tamed, UNKNOWN, WILD } from './text.ts';

type DialplanFunction = (argument: Text, scope: Scope) => readonly Text[];

/** What a caller writes into a call, whatever it asks for. */
const callers: DialplanFunction = () => [WILD];
/** The text of the arguments, changed somehow. */
const passed: DialplanFunction = (argument) => [isKnown(argument) ? argument : markOf(argument)];
/** The same, in letters and digits. */
const encoded: DialplanFunction = (argument) => [tamed(markOf(argument))];

/**
 * Functions whose value has to do with what a caller wrote. Of all others it has not: a database, a
 * count, a state.
 */
const FUNCTIONS: Readonly<Record<string, DialplanFunction>> = {
  CALLERID: callers,
  CONNECTEDLINE: callers,
  REDIRECTING: callers,
  SIP_HEADER: callers,
  SIP_HEADERS: callers,
  PJSIP_HEADER: callers,
  PJSIP_HEADERS: callers,
  PJSIP_PARSE_URI: passed,
  CHANNEL: (item) => [
    /\b(?:uri|target_uri|from|to|contact|useragent)\b/i.test(item) ? WILD : UNKNOWN,
  ],
  STACK_PEEK: (argument) => [/^\d+\s*,\s*e/.test(argument) ? WILD : UNKNOWN],
  TOUPPER: passed,
  TOLOWER: passed,
  PASSTHRU: passed,
  QUOTE: passed,
  CSV_QUOTE: passed,
  SPRINTF: passed,
  URIDECODE: (argument) => [isCallers(argument) ? WILD : markOf(argument)],
  BASE64_DECODE: (argument) => [isCallers(argument) ? WILD : markOf(argument)],
  URIENCODE: encoded,
  BASE64_ENCODE: encoded,
  KEYPADHASH: encoded,
  FILTER: filter,
  IF: condition,
  IFTIME: (argument) => branches(argument, undefined),
  EVAL: (argument, scope) => {
    scope.onCall?.('EVAL', argument);
    return fillText(argument, scope);
  },
  SHELL: (argument, scope) => {
    scope.onCall?.('SHELL', argument);
    return [UNKNOWN];
  },
  GLOBAL: named,
  LOCAL: named,
  CUT: ofVariable,
  FIELDNUM: () => [UNKNOWN],
  LISTFILTER: ofVariable,
  REPLACE: ofVariable,
  STRREPLACE: replaced,
  SHIFT: ofVariable,
  POP: ofVariable,
};

/** @param argument what stands in its brackets, filled in */
export function callFunction(name: string, argument: Text, scope: Scope): readonly Text[] {
  return FUNCTIONS[name.trim().toUpperCase()]?.(argument, scope) ?? [UNKNOWN];
}

/** Only characters of a list stay, given as in the set of a pattern: `0-9a-z`. */
function filter(argument: Text): readonly Text[] {
  const [allowed = '', text = ''] = separateArguments(argument, { most: 2 });
  // Whatever a bracket is meant for there, the set of a pattern ends with it.
  if (!isKnown(allowed) || allowed.includes(']')) return [markOf(text)];
  const set = readExtensionName(`_[${allowed}]`).sets[0] ?? 0n;
  const left = [...text]
    .filter((one) => !isKnown(one) || (setOf(bytesOf(one)) & ~set) === 0n)
    .join('');
  return [isHarmless(set) ? tamed(left) : left];
}

function condition(argument: Text): readonly Text[] {
  const at = argument.indexOf('?');
  return branches(argument, at < 0 ? undefined : truth(argument.slice(0, at).trim()));
}

/** `…?then:else`. */
function branches(argument: Text, holds: boolean | undefined): readonly Text[] {
  const at = argument.indexOf('?');
  if (at < 0) return [''];
  const [then = '', or = ''] = separateArguments(argument.slice(at + 1), { by: ':' });
  if (holds === undefined) return [then.trim(), or.trim()];
  return [(holds ? then : or).trim()];
}

/** A part of the variable that is named first. */
function ofVariable(argument: Text, scope: Scope): readonly Text[] {
  const [name = ''] = separateArguments(argument, { most: 2 });
  return [markOf(...named(name, scope))];
}

function replaced(argument: Text, scope: Scope): readonly Text[] {
  const [name = '', find = '', by = ''] = separateArguments(argument);
  const values = named(name, scope);
  if (find === '' || !isKnown(find + by)) return [markOf(...values, by)];
  return values.map((value) => value.replaceAll(find, by));
}

/** A variable's values, or those of a function called without `${}`: `CUT(SIP_HEADER(To),@,1)`. */
function named(name: string, scope: Scope): readonly Text[] {
  return fillText(`\${${name}}`, scope);
}
