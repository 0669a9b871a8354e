import { checks as accounts } from '../../src/audit/checks/accounts.ts';
import { checks as encryption } from '../../src/audit/checks/encryption.ts';
import { checks as guests } from '../../src/audit/checks/guests.ts';
import { checks as sipDomain } from '../../src/audit/checks/sip-domain.ts';
import { checks as sipSettings } from '../../src/audit/checks/sip-settings.ts';
import { checks as trunks } from '../../src/audit/checks/trunks.ts';
import { checks as unseen } from '../../src/audit/checks/unseen.ts';
import { checks as voicemail } from '../../src/audit/checks/voicemail.ts';
import { testSamples } from '../support/audit.ts';

testSamples([
  ...guests,
  ...sipSettings,
  ...accounts,
  ...sipDomain,
  ...trunks,
  ...encryption,
  ...voicemail,
  ...unseen,
]);
