import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GB, type Pbx, type PlacedCall, TRUNK_GB, usePbx } from '../support/asterisk-pbx.ts';
import { until } from '../support/asterisk-until.ts';

const pbx = usePbx('freepbx', async ({ server }) => {
  await server.cli('permit', 'GB');
  await server.cli('extension', 'add', 'weather', '--goto', 'reached,weather,1');
});

/** Calls that would be let through if somebody could be asked. */
const external = () => pbx().call({ source: GB, dial: 'weather' });
const inbound = () => pbx().call({ source: TRUNK_GB, dial: '5551234' });

/** What can be the matter with the server, and a call in the midst of it. */
const FAILURES: readonly [string, (call: () => Promise<PlacedCall>) => Promise<PlacedCall>][] = [
  [
    'is stopped',
    async (call) => {
      await pbx().server.stop();
      return call();
    },
  ],
  [
    'is killed in mid-conversation',
    async (call) => {
      const { server, asterisk } = pbx();
      const since = asterisk.manager.messages.length;
      // Stopped, it takes the connection (the kernel does) and never reads what Asterisk says.
      server.process.kill('SIGSTOP');
      const placed = call();
      await until('AGI() to wait for the server', () => asking(pbx(), since));
      await server.stop('SIGKILL');
      return placed;
    },
  ],
  [
    'is silent',
    async (call) => {
      pbx().server.process.kill('SIGSTOP');
      return call();
    },
  ],
];

const asking = ({ asterisk }: Pbx, since: number) =>
  asterisk.manager.messages.slice(since).some((message) => message['Application'] === 'AGI');

describe.each(FAILURES)('while the server %s', (_what, fail) => {
  beforeEach(async () => {
    await pbx().asterisk.rx('dialplan set global IPCOUNTRY_EXTERNAL_FAILURE refuse');
    await pbx().asterisk.rx('dialplan set global IPCOUNTRY_BLACKLIST_FAILURE allow');
  });
  afterEach(async () => {
    await pbx().server.stop('SIGKILL');
    await pbx().server.start();
  });

  test('an anonymous call is refused, with a warning', async () => {
    const call = await fail(external);
    expect(call.outcome).toBe('refused');
    expect(call.variables['STRANGER']).toBe('unscreened');
    expect(pbx().asterisk.log()).toMatch(
      /WARNING.* from 81\.2\.69\.142.* not be screened .*: refused/,
    );
    expect(call.steps.some(({ data }) => data === 'TIMEOUT(absolute)=0')).toBe(true);
  });

  test('a call on an inbound route passes, with a warning', async () => {
    const call = await fail(inbound);
    expect(call.outcome).toBe('reached inbound-1');
    expect(call.variables['STRANGER']).toBe('unscreened');
    expect(pbx().asterisk.log()).toMatch(
      /WARNING.* from 81\.2\.69\.160.* not be screened .*: let through/,
    );
  });

  test('the other way round where the globals say so', async () => {
    await pbx().asterisk.rx('dialplan set global IPCOUNTRY_EXTERNAL_FAILURE allow');
    await pbx().asterisk.rx('dialplan set global IPCOUNTRY_BLACKLIST_FAILURE refuse');
    const anonymous = await fail(() => pbx().call({ source: GB, dial: '5551234' }));
    await pbx().server.stop('SIGKILL');
    await pbx().server.start();
    // The anonymous call takes FreePBX's own way, into the inbound route, which then refuses it.
    expect(anonymous.steps.some(({ context }) => context === 'ipcountry-freepbx-pass')).toBe(true);
    expect((await fail(inbound)).outcome).toBe('refused');
  });
});

test('the limit for the question gives way to one that was set before', async () => {
  const limits = async (dial: string) => {
    const { steps, variables } = await pbx().call({ source: TRUNK_GB, dial });
    expect(variables['AGIEXITONHANGUP']).toBe('');
    return steps
      .filter(({ context, data }) => context === 'ipcountry-ask' && data.startsWith('TIMEOUT('))
      .map(({ data }) => data.replace('TIMEOUT(absolute)=', ''));
  };
  expect(await limits('5551234')).toEqual(['3', '0']);
  // What is left of a minute.
  expect(await limits('5556060')).toEqual(['3', expect.stringMatching(/^(59\.|60)/)]);
});

test('after all that, calls are screened again', async () => {
  expect((await external()).outcome).toBe('reached weather');
});
