import { separateArguments, splitApplication } from '../../asterisk/index.ts';
import { type Effect, wild } from './effects.ts';
import { truth } from './expression.ts';
import { type Location, readLocation, readSubroutine } from './location.ts';
import { isWild, type Text } from './text.ts';

/** @param sure whether nothing behind it is done */
export function goto(data: Text, sure = true): Effect[] {
  if (data.trim() === '') return [];
  const to = readLocation(data);
  const jump: Effect[] = [...chosen('Goto', to, data), { do: 'jump', to, as: 'goto' }];
  return sure ? [...jump, { do: 'end' }] : jump;
}

export function gosub(data: Text): Effect[] {
  if (data.trim() === '') return [];
  const { to, argument } = readSubroutine(data);
  const location = readLocation(to);
  const given = argument === undefined ? [] : separateArguments(argument, { raw: true });
  return [...chosen('Gosub', location, to), { do: 'call', to: location, given }];
}

/** Macro(name,arguments) is what [macro-name] has under s. */
export function macro(data: Text): Effect[] {
  const [name = '', ...given] = separateArguments(data);
  const to = { context: `macro-${name}`, extension: 's', priority: '1' };
  return name === '' ? [] : [...wild('Macro', name), { do: 'call', to, given }];
}

/** MacroIf names its macros as applications: `name(arguments)`. */
export function macroCall(text: Text): Effect[] {
  const { application, data } = splitApplication(text);
  return macro(data === '' ? application : `${application},${data}`);
}

/** Where a part of the caller's begins, everything behind a comma of theirs is the caller's. */
function chosen(into: string, { context, extension, priority }: Location, text: Text): Effect[] {
  return isWild(context ?? extension ?? priority) ? wild(into, text) : [];
}

/** `condition?one:other` → those that may be taken; `sure` where nothing behind it is done then. */
export function branches(data: Text): { text: Text; sure: boolean }[] {
  const at = data.indexOf('?');
  if (at < 0) return [];
  const holds = truth(data.slice(0, at));
  const [then = '', or = ''] = data.slice(at + 1).split(/:(.*)/s);
  if (holds !== undefined) return [{ text: holds ? then : or, sure: true }];
  const both = [then, or].filter((text) => text.trim() !== '');
  return both.map((text, i) => ({ text, sure: both.length === 2 && i === 1 }));
}

/** `times?one:other`, as an hour comes when either holds. */
export function timed(data: Text): Text[] {
  const [, rest = ''] = data.split(/\?(.*)/s);
  return separateArguments(rest, { by: ':', raw: true });
}
