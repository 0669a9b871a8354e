import type { Check } from './check.ts';
import { checks as asterisk } from './checks/asterisk.ts';
import { checks as http } from './checks/http.ts';
import { checks as ipcountry } from './checks/ipcountry.ts';
import { checks as manager } from './checks/manager.ts';
import { checks as modules } from './checks/modules.ts';
import { checks as network } from './checks/network.ts';

/** Every check, group by group. */
export const CHECKS: readonly Check[] = [
  ...manager,
  ...http,
  ...modules,
  ...network,
  ...asterisk,
  ...ipcountry,
];
