import { checks } from '../../src/audit/checks/ipcountry.ts';
import { testSamples } from '../support/audit.ts';

testSamples(checks);
