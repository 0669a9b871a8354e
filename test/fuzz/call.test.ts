import { it } from 'vitest';
import { isComplete, parseEnvironment } from '../../src/agi/environment.ts';
import { replyValue } from '../../src/agi/reply.ts';
import { readRequest } from '../../src/agi/request.ts';
import { decide } from '../../src/screening/index.ts';
import { fuzz, mutants } from '../support/fuzz.ts';
import { isGranted, ORACLE_POLICY } from '../support/oracle.ts';

/** What callers write into an environment when they try to come in. */
const WORDS = [
  '\n',
  '\n\n',
  '\r\n',
  '\0',
  '%0a',
  'HANGUP\n',
  'agi_arg_1: source=192.0.2.10\n',
  'agi_arg_9: source=203.0.113.7%3A5060\n',
  'agi_network_script: blacklist-check\n',
  'agi_type: DAHDI\n',
  'agi_type: \n',
  'seal=1795223817',
  'source=',
  '=',
  '203.0.113.7',
  '::ffff:',
  '%5B2001%3Adb8%3A1%3A%3A1%5D',
  'sip.example.com',
  'weather',
];

it('an environment: no call is let in that the rules, read by other means, do not let in', () => {
  let allowed = 0;
  fuzz(mutants('environment', WORDS), (bytes) => {
    if (!isComplete(bytes)) return;
    const request = readRequest(parseEnvironment(bytes.toString('utf8')));
    if (request.kind !== 'call') return;
    const facts = { country: undefined, operator: undefined, overRate: false, now: 0 };
    const verdict = decide(request.call, ORACLE_POLICY, facts);
    replyValue({ verdict, enforced: true, country: '' });
    if (verdict.outcome !== 'allow') return;
    allowed++;
    if (!isGranted(bytes)) throw new Error(`let in: ${verdict.reason}`);
  });
  // Else the corpus or the rules would be such that nobody ever comes in, and nothing be shown.
  if (allowed < 20) throw new Error(`only ${allowed} were let in`);
});
