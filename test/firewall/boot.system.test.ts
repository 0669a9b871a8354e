import { rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addBlock } from '../../src/blocks/index.ts';
import { storeChoice } from '../../src/firewall/choice.ts';
import { NO_OPTIONS } from '../../src/firewall/index.ts';
import { beginTrial, currentTrial } from '../../src/firewall/trial.ts';
import { type FirewallWorld, openFirewallWorld } from '../support/firewall-world.ts';
import { address } from '../support/policy.ts';

const COUNTRYMAN = '25.70.1.1'; // of a permitted country
const PERMITTED = '203.0.113.10';
const TRUSTED = '203.0.113.88';
const BLOCKED = '203.0.113.77';
const CALLERS = [COUNTRYMAN, PERMITTED, TRUSTED, BLOCKED];

const CHOICE = { level: 'sip', options: NO_OPTIONS, ssh: [], own: [] } as const;

// Each namespace is a server that has just booted.
let pbx: FirewallWorld;
beforeEach(async () => {
  pbx = await openFirewallWorld(CALLERS, [5_060, 22]);
  pbx.permit('permit', 'US', PERMITTED, BLOCKED);
  pbx.permit('trust', TRUSTED);
  const block = {
    source: address(BLOCKED),
    reason: 'manual',
    origin: 'test',
    seconds: 600,
  } as const;
  addBlock(pbx.database, block, { now: Date.now(), mail: false });
  storeChoice(pbx.database, CHOICE);
});
afterEach(() => pbx.close());

/** Who gets an answer from the SIP port, and whether all get one from SSH. */
async function whoGetsIn() {
  const ask = (port: number, transport: 'udp' | 'tcp') =>
    Promise.all(CALLERS.map((from) => pbx.send({ from, port, transport })));
  const [sip, ssh] = await Promise.all([ask(5_060, 'udp'), ask(22, 'tcp')]);
  return {
    sip: CALLERS.filter((_, i) => sip[i] === 1),
    ssh: ssh.every((answers) => answers === 1),
  };
}

describe('at boot', () => {
  it('what was confirmed stands, blocks and countries too', async () => {
    expect(await pbx.run('load')).toMatchObject({ code: 0, out: 'loaded: level sip\n', err: '' });
    expect(await whoGetsIn()).toEqual({ sip: [COUNTRYMAN, PERMITTED, TRUSTED], ssh: true });
  });

  it('what was on trial is forgotten', async () => {
    beginTrial(pbx.database, { ...CHOICE, level: 'server' }, Date.now());
    expect(await pbx.run('load')).toMatchObject({ code: 0, out: 'loaded: level sip\n' });
    expect(currentTrial(pbx.database)).toBeUndefined();
  });

  it.each<[string, (file: string) => void]>([
    ['missing', (file) => rmSync(file)],
    ['no country database', (file) => writeFileSync(file, 'nonsense')],
  ])('a country file that is %s leaves those in who need none', async (_, spoil) => {
    spoil(pbx.env['IPCOUNTRY_COUNTRY_PATH']!);
    const { code, err } = await pbx.run('load');
    expect(code).toBe(0);
    expect(err).toMatch(/^warning: country database .*countries and AS numbers let nobody in/);
    expect(await whoGetsIn()).toEqual({ sip: [PERMITTED, TRUSTED], ssh: true });
  });

  it('a rule that was spoilt by hand is left out, and the rest stands', async () => {
    pbx.database.prepare("UPDATE rule SET subject = 'XX' WHERE subject = 'US'").run();
    const { code, err } = await pbx.run('load');
    expect(code).toBe(0);
    expect(err).toMatch(/unsound rule .*firewall: rule left out/);
    expect(await whoGetsIn()).toEqual({ sip: [PERMITTED, TRUSTED], ssh: true });
  });

  it('a choice that was spoilt by hand is a fault, and nothing weaker', async () => {
    pbx.database.prepare("UPDATE setting SET value = '{}' WHERE name = 'firewall'").run();
    const { code, err } = await pbx.run('load');
    expect([code, err]).toEqual([2, expect.stringContaining("can't be read (table setting")]);
  });

  it('where nothing was ever chosen, only the blocked are shut out', async () => {
    pbx.database.prepare("DELETE FROM setting WHERE name = 'firewall'").run();
    expect(await pbx.run('load')).toMatchObject({ code: 0, out: 'loaded: level blocks\n' });
    expect(await whoGetsIn()).toEqual({ sip: [COUNTRYMAN, PERMITTED, TRUSTED], ssh: true });
  });
});
