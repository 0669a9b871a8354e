import { checks } from '../../src/audit/checks/asterisk.ts';
import { testSamples } from '../support/audit.ts';

testSamples(checks);
