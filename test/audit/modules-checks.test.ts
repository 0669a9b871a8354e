import { checks } from '../../src/audit/checks/modules.ts';
import { testSamples } from '../support/audit.ts';

testSamples(checks);
