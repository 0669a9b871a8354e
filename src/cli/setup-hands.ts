import type { Config } from '../config.ts';
import type { Hands } from '../setup/index.ts';
import { changePolicy } from './change.ts';
import { useSession } from './session.ts';

export const ROOT = '/';

/** Changes of the policy with the look at whether they would shut everyone out. */
export function handsOf(config: Config): Hands {
  return {
    root: ROOT,
    change: (databasePath, work) =>
      useSession({ ...config, databasePath }, false, (session) => {
        changePolicy(session, work, { insist: false });
      }),
  };
}
