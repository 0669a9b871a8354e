import { beforeAll, describe, expect, test, vi } from 'vitest';
import { commandAt, raiseFirewall, startTool } from '../support/asterisk-firewall.ts';
import { GB, JP, KR, NOWHERE, SE, TRUNK_GB, TRUNK_SE, usePbx } from '../support/asterisk-pbx.ts';
import { until } from '../support/asterisk-until.ts';
import { type Caller, openCaller } from '../support/firewall-caller.ts';
import { sipp } from '../support/sipp-call.ts';

vi.setConfig({ testTimeout: 60_000 });

// A trunk that Asterisk keeps asking whether it is there.
const FAR = `[far]
type=peer
host=${NOWHERE}
qualify=yes
context=from-trunk
`;
const FAR_PJSIP = `[far]
type=endpoint
context=from-trunk
aors=far

[far]
type=aor
contact=sip:${NOWHERE}:5060
qualify_frequency=60
`;

const pbx = usePbx(
  'freepbx',
  async ({ server }) => {
    await server.cli('permit', 'GB', 'JP');
    await server.cli('deny', TRUNK_GB);
    await server.cli('trust', TRUNK_SE);
    await server.cli('extension', 'add', 'weather', '--goto', 'reached,weather,1');
  },
  { 'sip.conf': FAR, 'pjsip.conf': FAR_PJSIP },
);

let caller: Caller;
beforeAll(async () => {
  caller = await openCaller(pbx().world);
});

const command = commandAt(pbx);
const answers = (source: string) => caller.sip(source);
const packets = async (counter: string): Promise<number> =>
  JSON.parse(await command('--json', 'firewall', 'status')).counters[counter].packets;

const CALLERS: [who: string, source: string, comesIn: boolean][] = [
  ['of a permitted country', GB, true],
  ['of a permitted country, over IPv6', JP, true],
  ['of a foreign country', SE, false],
  ['of a foreign country, over IPv6', KR, false],
  ['of a country that nobody knows', NOWHERE, false],
  ['denied in a permitted country', TRUNK_GB, false],
  ['trusted in a foreign country', TRUNK_SE, true],
];

/** Of every caller, by what it is: whether it comes in. */
const judged = (comesIn: (source: string) => Promise<boolean>) =>
  Promise.all(CALLERS.map(async ([who, source]) => `${who}: ${await comesIn(source)}`));
const all = (comesIn: (which: boolean) => boolean) =>
  CALLERS.map(([who, , welcome]) => `${who}: ${comesIn(welcome)}`);

test('with no table of ours everybody is answered', async () => {
  expect(await judged(answers)).toEqual(all(() => true));
});

describe('at level sip', () => {
  beforeAll(() => raiseFirewall(command, 'sip'));

  test('SIP answers whoever is permitted or trusted, and nobody else', async () => {
    expect(await judged(answers)).toEqual(all((welcome) => welcome));
  });

  test.each([GB, JP])('a call from %s is answered', async (source) => {
    const { outcome, sipp } = await pbx().call({ source, dial: 'weather' });
    expect([outcome, sipp.code]).toEqual(['reached weather', 0]);
  });

  test('of calls from foreign countries Asterisk hears nothing', async () => {
    const [channels, dropped] = [newChannels(), await packets('strangers')];
    const call = (source: string) =>
      sipp(pbx().world, { source, dial: 'weather', patience: 1_000 });
    for (const { code, output } of await Promise.all([SE, KR].map(call))) {
      expect([code, output]).toEqual([1, expect.stringMatching(/Failed call +\| +\d+ +\| +1 /)]);
    }
    expect(newChannels()).toBe(channels);
    expect(await packets('strangers')).toBeGreaterThan(dropped);
  });

  test('whoever is blocked is shut out, from a permitted country, too', async () => {
    const both = () => Promise.all([answers(GB), answers(JP)]);
    await command('guard', 'block', GB, '--for', '1h');
    expect(await both()).toEqual([false, true]);
    await command('guard', 'block', JP, '--for', '1h');
    expect(await both()).toEqual([false, false]);
    await Promise.all([GB, JP].map((source) => command('guard', 'unblock', source)));
    expect(await both()).toEqual([true, true]);
  });

  test('a trunk that is not permitted answers Asterisk, and gets in with nothing else', async () => {
    const { asterisk, world } = pbx();
    const isPjsip = asterisk.version.channel === 'PJSIP';
    const trunk = await startTool(world.outside, 'sip-answerer.mjs', NOWHERE, '5060');
    await until('the trunk to be seen', async () => {
      await asterisk.rx(isPjsip ? 'pjsip qualify far' : 'sip qualify peer far');
      const shown = await asterisk.rx(isPjsip ? 'pjsip show contacts' : 'sip show peers');
      return isPjsip ? /far\/.* Avail /.test(shown) : /^far .* OK \(/m.test(shown);
    });
    expect(await answers(NOWHERE)).toBe(false);
    trunk.kill('SIGKILL');
  });
});

test('at level server strangers come to SSH and to nothing else', async () => {
  await startTool(pbx().world.atPbx, 'firewall-echo.mjs', '22,8000');
  const port = (number: number) => (source: string) => caller.tcp(source, number);
  await raiseFirewall(command, 'server');
  expect(await judged(port(22))).toEqual(all(() => true));
  expect(await judged(port(8_000))).toEqual(all((welcome) => welcome));
  expect(await judged(answers)).toEqual(all((welcome) => welcome));
  await command('firewall', 'off');
  expect(await judged(answers)).toEqual(all(() => true));
  expect(await judged(port(8_000))).toEqual(all(() => true));
});

const newChannels = () =>
  pbx().asterisk.manager.messages.filter(({ Event }) => Event === 'Newchannel').length;
