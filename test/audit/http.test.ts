import { checks } from '../../src/audit/checks/http.ts';
import { testSamples } from '../support/audit.ts';

testSamples(checks);
