import { expect, test } from 'vitest';
import { GB, SE, TRUNK_GB, TRUNK_SE, usePbx } from '../support/asterisk-pbx.ts';

const pbx = usePbx('plain', async ({ server }) => {
  await server.cli('permit', 'GB');
  await server.cli('extension', 'add', 'weather', '--goto', 'reached,weather,1');
});

test('anonymous calls go where the whitelist says, strangers are refused', async () => {
  const permitted = await pbx().call({ source: GB, dial: 'weather' });
  const unlisted = await pbx().call({ source: GB, dial: '947' });
  const stranger = await pbx().call({ source: SE, dial: 'weather' });
  expect([permitted.outcome, unlisted.outcome, stranger.outcome]).toEqual([
    'reached weather',
    'unreachable',
    'refused',
  ]);
});

test("a provider's calls go on behind the Gosub, strangers are refused", async () => {
  const permitted = await pbx().call({ source: TRUNK_GB, dial: '5551234' });
  const stranger = await pbx().call({ source: TRUNK_SE, dial: '5551234' });
  expect([permitted.outcome, stranger.outcome]).toEqual(['reached provider', 'refused']);
  expect(stranger.variables['STRANGER']).toBe('true');
});

test('who dials h is screened like everybody', async () => {
  expect((await pbx().call({ source: SE, dial: 'h' })).outcome).toBe('refused');
});

test("in monitor mode the call goes on in the administrator's dialplan, one row each", async () => {
  await pbx().server.cli('mode', 'monitor');
  const rows = pbx().server.calls().length;
  // The second takes a way on which Asterisk looks for `h` under `_.` at hang-up.
  const calls = [
    await pbx().call({ source: SE, dial: '947' }),
    await pbx().call({ source: SE, dial: 'hang-up-here' }),
  ];
  await pbx().server.cli('mode', 'enforce');
  expect(calls.map(({ outcome }) => outcome)).toEqual(['reached public', 'hung up']);
  expect(pbx().server.calls().length).toBe(rows + 2);
});
