import { expect, test } from 'vitest';
import { GB, SE, usePbx } from '../support/asterisk-pbx.ts';
import { until } from '../support/asterisk-until.ts';

const pbx = usePbx('freepbx', async ({ server }) => {
  await server.cli('permit', 'GB');
  await server.cli('extension', 'add', 'weather', '--goto', 'reached,weather,1');
});

test('one call is one row in the journal, one stranger one mail', async () => {
  const { server, asterisk } = pbx();
  const permitted = await pbx().call({ source: GB, dial: 'weather' });
  const stranger = await pbx().call({ source: SE, dial: 'weather' });
  expect([permitted.outcome, stranger.outcome]).toEqual(['reached weather', 'refused']);

  const facts = {
    entry: 'external',
    technology: asterisk.version.channel,
    extension: 'weather',
    domain: '192.0.2.1',
    number: 'test',
    name: 'Test',
    agent: 'Test phone 1.0',
    enforced: 1,
  };
  expect(server.calls()).toMatchObject([
    { ...facts, source: GB, country: 'GB', outcome: 'allow', route: 'goto,reached,weather,1' },
    { ...facts, source: SE, country: 'SE', outcome: 'stranger', reason: 'not-permitted' },
  ]);
  await until('the mail', () => server.mails() === 1);

  // A repeat within the hour waits for the digest.
  await pbx().call({ source: SE, dial: 'weather' });
  expect(server.calls()).toHaveLength(3);
  await server.stop();
  expect(server.mails()).toBe(1);
});
