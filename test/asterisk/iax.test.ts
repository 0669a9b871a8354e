import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Asterisk, startAsterisk } from '../support/asterisk.ts';
import { GB, SE, usePbx } from '../support/asterisk-pbx.ts';

const pbx = usePbx('freepbx', async ({ server }) => {
  await server.cli('permit', 'GB');
  await server.cli('extension', 'add', 'weather', '--goto', 'reached,weather,1');
});

/** Another Asterisk, out in the world, that places the calls. */
let caller: Asterisk | undefined;
beforeAll(async () => {
  const { asterisk, world } = pbx();
  caller = await startAsterisk(asterisk.version, world.outside, 'plain');
});
afterAll(() => caller?.stop());

test.each([
  ['from-gb', GB, 'allow', 'reached weather'],
  ['from-se', SE, 'stranger', 'refused'],
])(
  'an IAX2 call %s is screened by where its packets come from',
  async (peer, source, verdict, end) => {
    const since = pbx().asterisk.manager.messages.length;
    await caller!.rx(`channel originate IAX2/${peer}/weather application Wait 1`);
    const call = await pbx().follow(since, /^IAX2\//);
    expect(call.outcome).toBe(end);
    expect(pbx().server.calls().at(-1)).toMatchObject({
      technology: 'IAX2',
      source,
      extension: 'weather',
      outcome: verdict,
    });
  },
);
