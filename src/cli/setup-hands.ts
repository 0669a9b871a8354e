import { existsSync } from 'node:fs';
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
      useSession({ ...config, country: present(config), databasePath }, false, (session) => {
        changePolicy(session, work, { insist: false });
      }),
  };
}

/** A file that is configured and not there yet is what a setup may be about to download. */
function present({ country }: Config): Config['country'] {
  return country.path === undefined || existsSync(country.path)
    ? country
    : { ...country, path: undefined };
}
