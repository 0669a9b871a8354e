import { separateArguments } from '../../asterisk/index.ts';
import { readDialString } from './dial-string.ts';
import { type Effect, use, wild } from './effects.ts';
import type { Text } from './text.ts';

/** Dial(what,seconds,options); RetryDial(announcement,pause,tries,what,seconds,options). */
export function dial(application: 'Dial' | 'RetryDial', data: Text): Effect[] {
  const all = separateArguments(data);
  const [what = '', , options = ''] = application === 'RetryDial' ? all.slice(3) : all;
  return [...called(application, what), ...transfers(application, options)];
}

/** @param what a dial string */
export function called(application: string, what: Text): Effect[] {
  const found = readDialString(what).flatMap((one): Effect[] => {
    if (one.kind === 'number') return [use({ kind: 'number', through: one.through })];
    if (one.kind === 'device') return [];
    const to = { context: one.context, extension: one.extension, priority: '1' };
    return [{ do: 'jump', to, as: 'local' }];
  });
  return [...wild(application, what), use({ kind: 'answer', application }), ...found];
}

export function queue(data: Text): Effect[] {
  const [, options = ''] = separateArguments(data);
  return [use({ kind: 'answer', application: 'Queue' }), ...transfers('Queue', options)];
}

/** `T` lets the caller transfer, `t` the one who is called. What is in brackets is no option. */
function transfers(application: string, options: Text): Effect[] {
  const letters = options.replace(/\([^)]*\)/g, '');
  return letters.includes('T') ? [use({ kind: 'transfer', application })] : [];
}

/** DISA(pin or file,context): a dial tone inside. */
export function disa(data: Text): Effect[] {
  const [pin = '', context = 'disa'] = separateArguments(data);
  const open = pin.toLowerCase() === 'no-password' || pin === '';
  return [
    use({ kind: 'disa', pin: open ? '' : pin, context }),
    { do: 'dial-on', context, guarded: !open },
    { do: 'end' },
  ];
}
