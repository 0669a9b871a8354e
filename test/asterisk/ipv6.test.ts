import { expect, test } from 'vitest';
import { JP, KR, usePbx } from '../support/asterisk-pbx.ts';

const pbx = usePbx('freepbx', async ({ server }) => {
  await server.cli('permit', 'JP');
  await server.cli('extension', 'add', 'weather', '--goto', 'reached,weather,1');
});

test('the country of an IPv6 caller is permitted, another is not', async () => {
  const japan = await pbx().call({ source: JP, dial: 'weather' });
  const korea = await pbx().call({ source: KR, dial: 'weather' });
  expect(japan.outcome).toBe('reached weather');
  expect(japan.variables['IPCOUNTRY_COUNTRY']).toBe('JP');
  expect(korea.outcome).toBe('refused');
  expect(korea.variables).toMatchObject({ STRANGER: 'true', IPCOUNTRY_COUNTRY: 'KR' });
  const rows = pbx().server.calls();
  expect(rows.map((row) => [row['source'], row['country'], row['outcome']])).toEqual([
    [JP, 'JP', 'allow'],
    [KR, 'KR', 'stranger'],
  ]);
});

test('deny and permit by IPv6 network', async () => {
  await pbx().server.cli('deny', '2001:218::/64');
  await pbx().server.cli('permit', '2001:220::/64');
  const japan = await pbx().call({ source: JP, dial: 'weather' });
  const korea = await pbx().call({ source: KR, dial: 'weather' });
  expect([japan.outcome, korea.outcome]).toEqual(['refused', 'reached weather']);
  expect(japan.variables['IPCOUNTRY_REASON']).toBe('denied');
});
