import { askAsterisk } from '../asterisk/index.ts';
import { fault } from '../errors.ts';

/**
 * Has Asterisk read its dialplan anew.
 * @throws Fault where it can't be asked, or did not
 */
export async function reloadDialplan(program: string): Promise<void> {
  const output = await askAsterisk(program, 'dialplan reload');
  if (/Dialplan reloaded/.test(output)) return;
  throw fault('asterisk-reload', output.trim().split('\n').at(-1) || 'no answer');
}
