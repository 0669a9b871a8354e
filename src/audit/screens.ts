import { dialplanOf } from './dialplan-of.ts';
import type { Pbx } from './pbx.ts';
import { WILD } from './reach/index.ts';

/** Whether ipcountry screens all calls that begin in a context before they get to anything. */
export async function screens(pbx: Pbx, context: string): Promise<boolean> {
  const { dialplan, ground } = await dialplanOf(pbx);
  const { reached, asked } = ground.walk(context, WILD);
  return dialplan.contexts.has(context) && asked && reached.every(({ screened }) => screened);
}
