import { separateArguments, splitApplication } from '../../asterisk/index.ts';
import { type Effect, wild } from './effects.ts';
import { isKnown, type Text, UNKNOWN } from './text.ts';

/** `NAME=value`, `GLOBAL(NAME)=value`, `ARRAY(A,B)=a,b`. Leading underscores are for heirs. */
export function assignment(data: Text): Effect[] {
  const at = data.indexOf('=');
  const left = at < 0 ? data : data.slice(0, at);
  const value = at < 0 ? '' : data.slice(at + 1);
  if (!isKnown(left)) return [];
  if (!left.includes('(')) return set(left, value);
  const { application, data: inside } = splitApplication(left);
  const kind = application.replace(/^_+/, '').trim().toUpperCase();
  if (kind === 'GLOBAL') return [...wild('GLOBAL()', value), ...set(inside, value)];
  if (kind === 'LOCAL') return set(inside, value);
  if (kind !== 'ARRAY') return [];
  const values = separateArguments(value);
  const missing = isKnown(value) ? '' : UNKNOWN;
  return separateArguments(inside).flatMap((name, i) => set(name, values[i] ?? missing));
}

function set(name: string, value: Text): Effect[] {
  const stripped = name.trim().replace(/^_+/, '');
  return stripped === '' ? [] : [{ do: 'set', name: stripped, value }];
}
