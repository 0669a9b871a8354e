import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Edit } from '../edits.ts';
import { fault } from '../errors.ts';
import type { Answers } from './answers.ts';
import type { Facts } from './facts.ts';
import type { PlannedFolder } from './plan.ts';
import { GUARD, type Installed, idOf, SERVER, USER, unitEdits } from './services.ts';

/** What it takes to have the services run. */
export interface ServicesPlan {
  readonly user: string | undefined;
  /** The data folder, where it is to be made. */
  readonly folders: readonly PlannedFolder[];
  readonly units: readonly Edit[];
  readonly enable: readonly string[];
}

export const NO_SERVICES: ServicesPlan = { user: undefined, folders: [], units: [], enable: [] };

const SYSTEM_CONFIG = 'etc/ipcountry/ipcountry.toml';
const SYSTEM_DATA = 'var/lib/ipcountry';
/** Variables of this shell that the services would not have. */
const OVERRIDES = /^IPCOUNTRY_(?:DATABASE|AGI|COUNTRY|MAIL|AMI)_/;

/** @throws Fault where services could not run, or would read another configuration */
export function planServices(facts: Facts, answers: Answers, program: Installed): ServicesPlan {
  refuse(facts);
  const { root, services, manager } = facts;
  // The guard has nothing to do without an account.
  const guard = manager?.works || (answers.ami && manager !== undefined);
  const enable = [SERVER, ...(guard ? [GUARD] : [])].filter(
    (unit) => !services.running.includes(unit),
  );
  if (services.packaged) return { ...NO_SERVICES, enable };
  const data: PlannedFolder = { path: join(root, SYSTEM_DATA), owner: 'service' };
  return {
    user: idOf(root, 'passwd', USER) === undefined ? USER : undefined,
    folders: existsSync(data.path) ? [] : [data],
    units: unitEdits(root, program),
    enable,
  };
}

function refuse({ root, config, configFile, services, answers }: Facts): void {
  if (!services.systemd) throw fault('setup-no-systemd');
  const variable = Object.keys(process.env).find((name) => OVERRIDES.test(name));
  if (variable) throw fault('setup-services-elsewhere', `the variable ${variable}`);
  if (configFile !== join(root, SYSTEM_CONFIG)) throw fault('setup-services-elsewhere', configFile);
  // Somebody started it by hand: the service could not open the port.
  if (answers && !services.active.includes(SERVER)) {
    throw fault('agi-port-in-use', config.agi.host, config.agi.port);
  }
}
