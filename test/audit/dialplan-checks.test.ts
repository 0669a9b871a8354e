import { checks as code } from '../../src/audit/checks/dialplan-code.ts';
import { checks as disa } from '../../src/audit/checks/dialplan-disa.ts';
import { checks as guests } from '../../src/audit/checks/dialplan-guests.ts';
import { checks as outbound } from '../../src/audit/checks/dialplan-outbound.ts';
import { checks as text } from '../../src/audit/checks/dialplan-text.ts';
import { checks as transfer } from '../../src/audit/checks/dialplan-transfer.ts';
import { testSamples } from '../support/audit.ts';

testSamples([...guests, ...outbound, ...text, ...disa, ...code, ...transfer]);
