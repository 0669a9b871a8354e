import { checks } from '../../src/audit/checks/manager.ts';
import { testSamples } from '../support/audit.ts';

testSamples(checks);
