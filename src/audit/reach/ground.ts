import type { Dialplan } from '../../asterisk/index.ts';
import type { Known } from './own.ts';
import { routesOf } from './routes.ts';
import { linesOf } from './scope.ts';
import type { Text } from './text.ts';
import { traitsOf } from './traits.ts';
import { type Walk, walk } from './walk.ts';

/** A dialplan to be walked, from as many contexts as are asked about. */
export interface Ground {
  /**
   * Whatever a call may get to that begins in a context.
   * @param dialled what the caller dials: WILD over the network, TAME with keys
   */
  walk(context: string, dialled: Text): Walk;
}

export function groundOf(dialplan: Dialplan, known: Known): Ground {
  const routes = routesOf(dialplan);
  const traits = traitsOf(routes);
  const world = { globals: dialplan.globals, routes, lines: linesOf(), known, traits };
  const walks = new Map<string, Walk>();
  return {
    walk(context, dialled) {
      const key = `${dialled}${context}`;
      const found = walks.get(key) ?? walk(world, context, dialled);
      walks.set(key, found);
      return found;
    },
  };
}
