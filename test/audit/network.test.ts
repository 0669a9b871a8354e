import { checks } from '../../src/audit/checks/network.ts';
import { testSamples } from '../support/audit.ts';

testSamples(checks);
