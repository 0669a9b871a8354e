import { readLocation, readSubroutine } from './location.ts';
import type { Routes } from './routes.ts';

/** What is sure of a subroutine that comes back. */
export interface Traits {
  /** It asks for a secret on the way. */
  readonly guards: boolean;
  /** It asks ipcountry about the caller on the way. */
  readonly screens: boolean;
}

/** How deep subroutines of subroutines are looked into. */
const DEEPEST = 5;

/** FreePBX's PIN sets read keys and compare them themselves. */
const PIN_SETS = 'macro-pinsets';

/** Where ipcountry is asked; its other contexts only help, or keep the call. */
const SCREENS = /^ipcountry-(external|blacklist-check|inbound|freepbx-blacklist)$/;

/** Looks into subroutines, each once. */
export function traitsOf(routes: Routes): (context: string, extension: string) => Traits {
  const known = new Map<string, Traits>();
  return function look(context, extension, depth = 0): Traits {
    const key = `${context},${extension}`;
    const before = known.get(key);
    if (before) return before;
    const traits = { guards: context === PIN_SETS, screens: SCREENS.test(context) };
    known.set(key, traits);
    if (depth > DEEPEST || context.startsWith('ipcountry-') || traits.guards) return traits;
    const [found] = routes.find(context, extension, 1);
    for (const { application, data } of found?.extension.steps ?? []) {
      const name = application.trim().toLowerCase();
      if (name === 'authenticate' || name === 'vmauthenticate') traits.guards = true;
      const inner = targetOf(name, data, context);
      if (!inner) continue;
      const { guards, screens } = look(inner.context, inner.extension, depth + 1);
      traits.guards ||= guards;
      traits.screens ||= screens;
    }
    return traits;
  } as (context: string, extension: string, depth?: number) => Traits;
}

/** Where a step goes in any case, if that can be told. */
function targetOf(application: string, data: string, context: string) {
  if (application === 'macro') {
    const [name = ''] = data.split(',');
    return name.includes('$') ? undefined : { context: `macro-${name.trim()}`, extension: 's' };
  }
  if (application !== 'gosub' && application !== 'goto') return undefined;
  const to = readLocation(readSubroutine(data).to);
  if (to.extension === undefined || `${to.context}${to.extension}`.includes('$')) return undefined;
  return { context: to.context ?? context, extension: to.extension };
}
