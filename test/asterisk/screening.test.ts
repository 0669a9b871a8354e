import { describe, expect, test } from 'vitest';
import { GB, NOWHERE, SE, usePbx } from '../support/asterisk-pbx.ts';
import { until } from '../support/asterisk-until.ts';

const pbx = usePbx('freepbx', async ({ server }) => {
  await server.cli('permit', 'GB');
  await server.cli('extension', 'add', 'weather', '--goto', 'reached,weather,1');
  await server.cli('extension', 'add', '951', '--dial', 'Local/947@reached');
});

const cli = (line: string) => pbx().server.cli(...line.split(' '));

test('a permitted caller reaches the route of the extension', async () => {
  const call = await pbx().call({ source: GB, dial: 'weather' });
  expect(call.outcome).toBe('reached weather');
  expect(call.variables).toMatchObject({
    STRANGER: 'false',
    IPCOUNTRY_REASON: 'permitted',
    IPCOUNTRY_COUNTRY: 'GB',
    IPCOUNTRY_ROUTE: 'goto,reached,weather,1',
  });
  expect(call.sipp.code, call.sipp.output).toBe(0);
});

test('the name of an extension counts with letters in any case', async () => {
  expect((await pbx().call({ source: GB, dial: 'WeaTher' })).outcome).toBe('reached weather');
});

test('a route can dial', async () => {
  const call = await pbx().call({ source: GB, dial: '951' });
  expect(call.outcome).toBe('dialled');
  expect(call.steps.at(-1)).toMatchObject({ application: 'Dial', data: 'Local/947@reached' });
});

test('a caller outside permit is refused: answered, tones, words, hung up', async () => {
  const call = await pbx().call({ source: SE, dial: 'weather', listen: 20_000 });
  expect(call.variables).toMatchObject({ STRANGER: 'true', IPCOUNTRY_REASON: 'not-permitted' });
  const refusal = call.steps.filter((step) => step.context === 'ipcountry-refuse');
  expect(refusal.map(({ application, data }) => `${application}(${data})`).slice(1)).toEqual([
    'Answer()',
    'Wait(1)',
    'Zapateller()',
    'Playback(ss-noservice)',
    'Hangup()',
  ]);
  expect(call.sipp.code, call.sipp.output).toBe(0);
});

test('a caller of no country is refused', async () => {
  const call = await pbx().call({ source: NOWHERE, dial: 'weather' });
  expect(call.outcome).toBe('refused');
  expect(call.variables['IPCOUNTRY_REASON']).toBe('country-unknown');
});

test('a call without a network source is no anonymous call from outside: refused', async () => {
  const since = pbx().asterisk.manager.messages.length;
  await pbx().asterisk.rx('channel originate Local/weather@from-sip-external/n application Wait 1');
  const call = await pbx().follow(since, /^Local.*;2$/);
  expect(call.outcome).toBe('refused');
  expect(call.variables['IPCOUNTRY_REASON']).toBe('no-address');
});

test('deny beats permit, trust beats deny', async () => {
  await cli(`deny ${GB}`);
  const denied = await pbx().call({ source: GB, dial: 'weather' });
  await cli(`trust ${GB}`);
  const trusted = await pbx().call({ source: GB, dial: 'weather' });
  await cli(`remove deny ${GB}`);
  await cli(`remove trust ${GB}`);

  expect(denied.outcome).toBe('refused');
  expect(denied.variables).toMatchObject({ STRANGER: 'true', IPCOUNTRY_REASON: 'denied' });
  expect(trusted.outcome).toBe('reached weather');
  expect(trusted.variables['IPCOUNTRY_REASON']).toBe('trusted');
});

test('who calls the IP address instead of the domain is refused', async () => {
  await cli('domain add sip.example.com');
  const byAddress = await pbx().call({ source: GB, dial: 'weather' });
  const byName = await pbx().call({ source: GB, dial: 'weather', domain: 'SIP.example.com' });
  await cli('domain remove sip.example.com');

  expect(byAddress.outcome).toBe('refused');
  expect(byAddress.variables['IPCOUNTRY_REASON']).toBe('wrong-domain');
  expect(byName.outcome).toBe('reached weather');
});

test('an unlisted extension is unavailable, in words', async () => {
  const call = await pbx().call({ source: GB, dial: '947', listen: 10_000 });
  expect(call.outcome).toBe('unreachable');
  expect(call.variables).toMatchObject({ STRANGER: 'false', IPCOUNTRY_REASON: 'unlisted' });
  expect(call.steps.slice(-2)).toMatchObject([
    { application: 'Playback', data: 'vm-extension&vm-isunavail' },
    { application: 'Hangup' },
  ]);
});

test.each(['nobody', 's', 'weathe', 'weather1', ''])('so is %j', async (dial) => {
  const call = await pbx().call({ source: GB, dial });
  expect(call.outcome).toBe('unreachable');
});

test.each(['friendly-scanner', 'sipcli/v1.8', 'eyeBeam release 3006o'])(
  'the scanner %s is refused',
  async (agent) => {
    const call = await pbx().call({ source: GB, dial: 'weather', agent });
    expect(call.outcome).toBe('refused');
    expect(call.variables['IPCOUNTRY_REASON']).toBe('scanner');
  },
);

test('who dials h, which FreePBX keeps for hang-ups, gets nowhere', async () => {
  expect((await pbx().call({ source: SE, dial: 'h' })).outcome).toBe('hung up');
});

test('a rule made while calls flow holds for the next call', async () => {
  const outcomes: string[] = [];
  let flowing = true;
  const flow = (async () => {
    while (flowing) outcomes.push((await pbx().call({ source: SE, dial: 'weather' })).outcome);
  })();
  await until('calls to flow', () => outcomes.length > 0);
  await cli('permit SE');
  // The call that was under way may have been asked about before.
  const begun = outcomes.length + 1;
  await until('two more calls', () => outcomes.length >= begun + 2);
  flowing = false;
  await flow;
  await cli('remove permit SE');

  expect(outcomes[0]).toBe('refused');
  expect(new Set(outcomes.slice(begun))).toEqual(new Set(['reached weather']));
});

describe('in monitor mode', () => {
  test('a stranger takes the way that FreePBX gives anonymous calls, asked about once', async () => {
    await cli('mode monitor');
    const rows = pbx().server.calls().length;
    const stranger = await pbx().call({ source: SE, dial: '5551234' });
    await pbx().asterisk.rx('dialplan set global ALLOW_SIP_ANON no');
    const closed = await pbx().call({ source: SE, dial: '5551234' });
    await pbx().asterisk.rx('dialplan set global ALLOW_SIP_ANON yes');
    await cli('mode enforce');

    expect(stranger.outcome).toBe('reached inbound-1');
    expect(closed.outcome).toBe('no anonymous');
    const added = pbx().server.calls().slice(rows);
    expect(added).toMatchObject([
      { outcome: 'stranger', enforced: 0 },
      { outcome: 'stranger', enforced: 0 },
    ]);
  });
});
