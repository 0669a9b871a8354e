import { separateArguments, splitApplication } from '../../asterisk/index.ts';
import { assignment } from './assignment.ts';
import { called, dial, disa, queue } from './calls.ts';
import { type Effect, use, wild } from './effects.ts';
import { truth } from './expression.ts';
import { branches, gosub, goto, macro, macroCall, timed } from './jumps.ts';
import { TAME, type Text } from './text.ts';

type Application = (data: Text) => Effect[];

/** Effects of an application by its name in small letters; those of others don't matter. */
const APPLICATIONS: ReadonlyMap<string, Application> = new Map<string, Application>([
  ...each('Hangup Congestion Busy Return MacroExit', () => () => [{ do: 'end' }]),
  ...each('Authenticate VMAuthenticate', () => () => [{ do: 'guard' }]),
  ...each('VoiceMail ConfBridge MeetMe Directory Pickup Park FollowMe', (application) => () => [
    use({ kind: 'answer', application }),
  ]),
  // Not for strangers, whatever they are given.
  ...each('ChanSpy ExtenSpy VoiceMailMain', (application) => () => [
    use({ kind: 'tool', application }),
  ]),
  ...each('Record Originate', (application) => (data) => [
    ...wild(application, first(data)),
    use({ kind: 'tool', application }),
  ]),
  ...each('System TrySystem', (application) => (data) => [
    ...wild(application, data),
    use({ kind: 'tool', application }),
  ]),
  ...each('AGI EAGI DeadAGI', (application) => (data) => [
    ...wild(application, first(data)),
    use({ kind: 'answer', application }),
  ]),
  // The caller's keys, be it for a menu or for a number.
  ...each('WaitExten Background', (application) => () => [
    { do: 'dial-on' },
    use({ kind: 'answer', application }),
  ]),
  ...each('Exec TryExec', (application) => (data) => [
    ...wild(application, splitApplication(data).application),
    ...inner(data),
  ]),
  ...each('Macro MacroExclusive', () => macro),
  ['read', (data) => [{ do: 'set', name: first(data), value: TAME }, readsKeys]],
  ['dial', (data) => dial('Dial', data)],
  ['retrydial', (data) => dial('RetryDial', data)],
  ['page', (data) => called('Page', first(data))],
  ['queue', queue],
  ['disa', disa],
  ['goto', (data) => goto(data)],
  ['gotoif', (data) => branches(data).flatMap(({ text, sure }) => goto(text, sure))],
  ['gotoiftime', (data) => timed(data).flatMap((text) => goto(text, false))],
  ['gosub', gosub],
  ['gosubif', (data) => branches(data).flatMap(({ text }) => gosub(text))],
  ['macroif', (data) => branches(data).flatMap(({ text }) => macroCall(text))],
  ['execif', execIf],
  ['execiftime', (data) => timed(data).flatMap((text) => maybe(inner(text)))],
  ['set', assignment],
  ['mset', (data) => separateArguments(data).flatMap(assignment)],
  // Its third argument is a command for the shell.
  ['mixmonitor', (data) => wild('MixMonitor', separateArguments(data)[2] ?? '')],
]);

const readsKeys: Effect = use({ kind: 'answer', application: 'Read' });

function each(
  names: string,
  make: (application: string) => Application,
): readonly [string, Application][] {
  return names.split(' ').map((name) => [name.toLowerCase(), make(name)]);
}

/** @param data one value of what stands in its brackets */
export function effectsOf(application: string, data: Text): Effect[] {
  return APPLICATIONS.get(application.trim().toLowerCase())?.(data) ?? [];
}

function first(data: Text): Text {
  return separateArguments(data)[0] ?? '';
}

/** `condition?application(data):application(data)`. */
function execIf(data: Text): Effect[] {
  const at = data.indexOf('?');
  if (at < 0) return [];
  const holds = truth(data.slice(0, at));
  const [then = '', or = ''] = separateArguments(data.slice(at + 1), { by: ':', raw: true });
  if (holds !== undefined) return inner(holds ? then : or);
  return [...maybe(inner(then)), ...maybe(inner(or))];
}

function inner(text: Text): Effect[] {
  const { application, data } = splitApplication(text);
  return effectsOf(application, data);
}

/** What may not happen neither ends a call nor guards what is behind it. */
function maybe(effects: readonly Effect[]): Effect[] {
  return effects.filter((effect) => effect.do !== 'end' && effect.do !== 'guard');
}
