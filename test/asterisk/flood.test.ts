import { expect, test } from 'vitest';
import { GB, usePbx } from '../support/asterisk-pbx.ts';
import { sipp } from '../support/sipp-call.ts';

const RATE = 50;
const CALLS = RATE * 20;

const pbx = usePbx('freepbx', async ({ server }) => {
  await server.cli('permit', 'GB');
  await server.cli('extension', 'add', 'weather', '--goto', 'reached,weather,1');
});

test('50 calls a second for 20 s are all answered and all journalled', {
  timeout: 90_000,
}, async () => {
  const { messages } = pbx().asterisk.manager;
  const flood = await sipp(pbx().world, { source: GB, dial: 'weather', calls: CALLS, rate: RATE });
  expect(flood.code, flood.output).toBe(0);

  const screened = messages.filter((m) => m['Event'] === 'VarSet' && m['Variable'] === 'STRANGER');
  const verdicts = screened.map((message) => message['Value']);
  expect(verdicts.filter((value) => value === 'false')).toHaveLength(CALLS);
  const reached = messages.filter((m) => m['Event'] === 'Newexten' && m['Context'] === 'reached');
  expect(reached.filter((message) => message['Priority'] === '1')).toHaveLength(CALLS);

  const rows = pbx().server.calls();
  expect(rows).toHaveLength(CALLS);
  expect(new Set(rows.map((row) => row['uniqueid'])).size).toBe(CALLS);
  expect(new Set(rows.map((row) => row['outcome']))).toEqual(new Set(['allow']));
});
