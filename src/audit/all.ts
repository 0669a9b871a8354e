import type { Check } from './check.ts';
import { checks as accounts } from './checks/accounts.ts';
import { checks as asterisk } from './checks/asterisk.ts';
import { checks as dialplanCode } from './checks/dialplan-code.ts';
import { checks as dialplanDisa } from './checks/dialplan-disa.ts';
import { checks as dialplanGuests } from './checks/dialplan-guests.ts';
import { checks as dialplanOutbound } from './checks/dialplan-outbound.ts';
import { checks as dialplanText } from './checks/dialplan-text.ts';
import { checks as dialplanTransfer } from './checks/dialplan-transfer.ts';
import { checks as encryption } from './checks/encryption.ts';
import { checks as guests } from './checks/guests.ts';
import { checks as http } from './checks/http.ts';
import { checks as ipcountry } from './checks/ipcountry.ts';
import { checks as ipcountryDialplan } from './checks/ipcountry-dialplan.ts';
import { checks as manager } from './checks/manager.ts';
import { checks as modules } from './checks/modules.ts';
import { checks as network } from './checks/network.ts';
import { checks as sipDomain } from './checks/sip-domain.ts';
import { checks as sipSettings } from './checks/sip-settings.ts';
import { checks as trunks } from './checks/trunks.ts';
import { checks as unseen } from './checks/unseen.ts';
import { checks as voicemail } from './checks/voicemail.ts';

/** Every check, group by group. */
export const CHECKS: readonly Check[] = [
  ...guests,
  ...sipSettings,
  ...accounts,
  ...sipDomain,
  ...unseen,
  ...trunks,
  ...voicemail,
  ...encryption,
  ...dialplanGuests,
  ...dialplanOutbound,
  ...dialplanText,
  ...dialplanDisa,
  ...dialplanCode,
  ...dialplanTransfer,
  ...manager,
  ...http,
  ...modules,
  ...network,
  ...asterisk,
  ...ipcountry,
  ...ipcountryDialplan,
];
