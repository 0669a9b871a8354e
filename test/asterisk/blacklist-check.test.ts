import { beforeAll, describe, expect, test } from 'vitest';
import { TRUNK_GB, TRUNK_SE, usePbx } from '../support/asterisk-pbx.ts';

/** A number that FreePBX would show for the caller. */
const caller = (number: string) => `"Caller" <sip:${number}@provider.example>`;

/** Answer() waits half a second for sound before the call goes on. */
const LISTEN = 3_000;

const pbx = usePbx('freepbx', ({ server }) => server.cli('permit', 'GB'));

const rows = () => pbx().server.calls().length;

test('a permitted caller passes, CALLED_BLACKLIST being set', async () => {
  const call = await pbx().call({ source: TRUNK_GB, dial: '5551234' });
  expect(call.outcome).toBe('reached inbound-1');
  expect(call.variables).toMatchObject({ STRANGER: 'false', CALLED_BLACKLIST: '1' });
  expect(pbx().server.calls().at(-1)).toMatchObject({
    entry: 'blacklist-check',
    source: TRUNK_GB,
    extension: '5551234',
    outcome: 'allow',
  });
});

test('a stranger is sent to the refusal through BLDEST', async () => {
  const call = await pbx().call({ source: TRUNK_SE, dial: '5551234' });
  expect(call.outcome).toBe('refused');
  expect(call.variables).toMatchObject({ STRANGER: 'true', BLDEST: 'ipcountry-refuse,s,1' });
  expect(call.variables).not.toHaveProperty('CALLED_BLACKLIST');
});

test('a call without a network source is let in', async () => {
  const since = pbx().asterisk.manager.messages.length;
  await pbx().asterisk.rx('channel originate Local/5551234@from-trunk/n application Wait 1');
  const call = await pbx().follow(since, /^Local.*;2$/);
  expect(call.outcome).toBe('reached inbound-1');
  expect(call.variables).toMatchObject({ STRANGER: 'false', IPCOUNTRY_REASON: 'no-address' });
});

describe("FreePBX's own blacklist comes first, and asks nobody", () => {
  beforeAll(async () => {
    await pbx().asterisk.rx('database put blacklist 5559999 1');
  });

  test('a listed number goes to the black hole', async () => {
    const before = rows();
    const from = caller('5559999');
    const call = await pbx().call({ source: TRUNK_GB, dial: '5551234', from, listen: LISTEN });
    expect(call.outcome).toBe('blackhole hangup');
    expect(rows()).toBe(before);
  });

  test('or to the destination that the administrator chose', async () => {
    await pbx().asterisk.rx('database put blacklist dest reached,947,1');
    const from = caller('5559999');
    const call = await pbx().call({ source: TRUNK_GB, dial: '5551234', from, listen: LISTEN });
    await pbx().asterisk.rx('database del blacklist dest');
    expect(call.outcome).toBe('reached 947');
  });

  test.each(['anonymous', 'Unknown', 'restricted'])('a withheld number (%s) too', async (word) => {
    const from = caller(word);
    const open = await pbx().call({ source: TRUNK_GB, dial: '5551234', from, listen: LISTEN });
    await pbx().asterisk.rx('database put blacklist blocked 1');
    const blocked = await pbx().call({ source: TRUNK_GB, dial: '5551234', from, listen: LISTEN });
    const shown = await pbx().call({ source: TRUNK_GB, dial: '5551234', from: caller('5550000') });
    await pbx().asterisk.rx('database del blacklist blocked');
    expect([open.outcome, blocked.outcome, shown.outcome]).toEqual([
      'reached inbound-1',
      'blackhole hangup',
      'reached inbound-1',
    ]);
  });
});
