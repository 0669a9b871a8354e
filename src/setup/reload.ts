import { askAsterisk } from '../asterisk/index.ts';
import { reloadDialplan } from '../dialplan/index.ts';

/**
 * Has Asterisk read its files anew.
 * @param console how it is called; undefined where there is none
 * @throws Fault where it can't be asked, or refuses
 */
export async function reload(
  what: 'manager' | 'dialplan',
  console: string | undefined,
): Promise<void> {
  if (console === undefined) return;
  if (what === 'manager') await askAsterisk(console, 'manager reload');
  else await reloadDialplan(console);
}
