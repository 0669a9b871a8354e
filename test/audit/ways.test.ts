import { expect, test } from 'vitest';
import { conclude, type Way } from '../../src/audit/ways.ts';
import { auditFiles } from '../support/audit.ts';

const pbx = auditFiles(new URL('files/DIAL-110/good/', import.meta.url).pathname);
const entrance = { context: 'from-outside', where: 'pjsip.conf:7 [anonymous]', what: '' };
const walk = { reached: [], complete: true, asked: false, elsewhere: [] };
const way = (more: Partial<Way['walk']>): Way => ({ entrance, walk: { ...walk, ...more } });

test('nothing found is well where all was seen', async () => {
  expect(await conclude(pbx, [], [way({})])).toEqual([]);
});

test('a dialplan too large to be walked is not taken for well', async () => {
  expect(await conclude(pbx, [], [way({ complete: false })])).toEqual({
    unknown: 'the dialplan behind [from-outside] is too large',
  });
});

test('what was found is told, whatever was not seen', async () => {
  const findings = [{ where: 'here', found: 'something' }];
  expect(await conclude(pbx, findings, [way({ complete: false })])).toEqual(findings);
});

test('nobody who calls needs no dialplan', async () => {
  expect(await conclude(auditFiles('/nonexistent'), [], [])).toEqual([]);
});
