import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { claimRollback, currentTrial } from '../../src/firewall/trial.ts';
import { setMode } from '../../src/policy/index.ts';
import { until } from '../support/asterisk-until.ts';
import { killWatchers, watchers } from '../support/firewall-watchers.ts';
import { type FirewallWorld, openFirewallWorld } from '../support/firewall-world.ts';
import { outcome } from '../support/program.ts';

const STRANGER = '198.51.100.20';

let pbx: FirewallWorld;
beforeEach(async () => {
  pbx = await openFirewallWorld([STRANGER], [5_060, 80]);
});
afterEach(() => {
  killWatchers(pbx);
  pbx.close();
});

const isOpen = async (port: number) => (await pbx.send({ from: STRANGER, port })) === 1;

/** As if so many milliseconds were left of the trial. */
function leave(milliseconds: number): void {
  const trial = currentTrial(pbx.database)!;
  const value = JSON.stringify({ ...trial, until: Date.now() + milliseconds });
  pbx.database.prepare("UPDATE setting SET value = ? WHERE name = 'firewall_trial'").run(value);
}

describe('a trial', () => {
  it('becomes what was chosen by confirm, once, and its watcher ends', async () => {
    const { json } = await pbx.run('apply', '--level', 'sip', '--json');
    expect(json).toMatchObject({ level: { before: 'off', after: 'sip' }, dryRun: false });
    expect(json.seconds).toBeGreaterThan(30);
    expect((await pbx.run('status', '--json')).json).toMatchObject({
      level: 'sip',
      confirmed: null,
    });
    expect(await pbx.run('confirm')).toMatchObject({ code: 0, out: 'confirmed: level sip\n' });
    await until('the watcher to end', () => watchers(pbx).length === 0);
    const again = await pbx.run('confirm');
    expect(again).toMatchObject({ code: 2, out: '' });
    expect(again.err).toMatch(/^ipcountry: there is nothing to confirm/);
    expect([await isOpen(5_060), await isOpen(80)]).toEqual([false, true]);
  });

  it('can not be begun while another is on', async () => {
    await pbx.run('apply', '--level', 'sip');
    const second = await pbx.run('apply', '--level', 'server');
    expect(second).toMatchObject({ code: 2, out: '' });
    expect(second.err).toMatch(/^ipcountry: an apply is on trial already: .* rolled back in \d+ s/);
    expect(currentTrial(pbx.database)?.choice.level).toBe('sip');
  });

  it('is not confirmed any more once it is being rolled back', async () => {
    await pbx.run('apply', '--level', 'sip');
    claimRollback(pbx.database, currentTrial(pbx.database)!.token, Date.now());
    expect((await pbx.run('confirm')).err).toMatch(/is being rolled back at this moment/);
    expect((await pbx.run('off')).err).toMatch(/is being rolled back at this moment/);
  });

  it('whose watcher was killed is rolled back by who looks next, to what was confirmed', async () => {
    await pbx.run('apply', '--level', 'sip');
    await pbx.run('confirm');
    await pbx.run('apply', '--level', 'server');
    expect([await isOpen(5_060), await isOpen(80)]).toEqual([false, false]);
    killWatchers(pbx);
    leave(-6_000);
    const next = await pbx.run('apply', '--level', 'sip', '--rates');
    expect(next).toMatchObject({ code: 0 });
    expect(next.err).toMatch(/^note: the last apply was not confirmed, and is rolled back now/);
    expect(next.out).toMatch(/^level {3}sip$/m);
    expect([await isOpen(5_060), await isOpen(80)]).toEqual([false, true]);
  });

  it('ends with off, which takes the table away for good', async () => {
    await pbx.run('apply', '--level', 'server');
    expect(await isOpen(80)).toBe(false);
    expect(await pbx.run('off')).toMatchObject({ code: 0 });
    await until('the watcher to end', () => watchers(pbx).length === 0);
    expect([await isOpen(5_060), await isOpen(80)]).toEqual([true, true]);
    expect(await pbx.run('load')).toMatchObject({ code: 0, out: expect.stringContaining('off:') });
    expect(await pbx.atPbx('nft', 'list', 'ruleset')).toBe('');
    expect(await pbx.run('status')).toMatchObject({ code: 0 });
  });

  it('shows in a dry run what it would change, and changes nothing', async () => {
    const { code, out } = await pbx.run('apply', '--level', 'sip', '--dry-run');
    expect(code).toBe(0);
    expect(out).toMatch(/^level {3}off → sip$/m);
    expect(out).toMatch(/^ranges {2}trust 0, deny 0, permit 0 → 8, block 0$/m);
    expect(out).toMatch(/^\+ tcp dport 22 accept$/m);
    expect(out).toMatch(/^nothing was changed$/m);
    expect([currentTrial(pbx.database), watchers(pbx)]).toEqual([undefined, []]);
    expect(await pbx.atPbx('nft', 'list', 'ruleset')).toBe('');
  });
});

describe('an apply that fails leaves nothing behind', () => {
  const nothing = async () => {
    expect(currentTrial(pbx.database)).toBeUndefined();
    expect(watchers(pbx)).toEqual([]);
    expect(await pbx.atPbx('nft', 'list', 'ruleset')).toBe('');
  };

  it('where the swap fails', async () => {
    // An nft that lists and checks, and fails to load.
    const nft = join(pbx.folder, 'nft');
    const body =
      '#!/bin/sh\n[ "$1" = -f ] && { echo Error: no memory >&2; exit 1; }\nexec nft "$@"\n';
    writeFileSync(nft, body, { mode: 0o755 });
    pbx.env['IPCOUNTRY_FIREWALL_NFT'] = nft;
    const { code, err } = await pbx.run('apply', '--level', 'sip');
    expect([code, err]).toEqual([
      2,
      'ipcountry: nft refuses (Error: no memory); the firewall stays as it was\n',
    ]);
    await nothing();
  });

  it('where there is no nft', async () => {
    pbx.env['IPCOUNTRY_FIREWALL_NFT'] = '/nowhere/nft';
    for (const verb of [['apply'], ['load'], ['off'], ['status']]) {
      const { code, err } = await pbx.run(...verb);
      expect([code, err.split('\n')[0]], verb[0]).toEqual([
        2,
        "ipcountry: nft can't be run (/nowhere/nft: ENOENT); install the package nftables, or set firewall.nft to where it is",
      ]);
    }
    await nothing();
  });

  it('where there is no privilege', async () => {
    for (const verb of [['apply'], ['load'], ['off'], ['status']]) {
      const argv = ['setpriv', '--bounding-set', '-net_admin', ...pbx.command(...verb)];
      const { code, err } = await outcome(pbx.world.atPbx(argv, { env: pbx.env }));
      expect([code, err], verb[0]).toEqual([
        2,
        'ipcountry: the firewall can not be seen or changed: that takes root, or CAP_NET_ADMIN; nothing was changed, try sudo\n',
      ]);
    }
    await nothing();
  });

  it('where nobody would be permitted, unless one insists', async () => {
    pbx.database.prepare("DELETE FROM rule WHERE list = 'permit'").run();
    const refused = await pbx.run('apply', '--level', 'server');
    expect(refused).toMatchObject({ code: 2, out: '' });
    expect(refused.err).toMatch(/^ipcountry: refused: nobody is permitted, .*--force$/m);
    await nothing();
    expect(await pbx.run('apply', '--level', 'server', '--force')).toMatchObject({ code: 0 });
  });
});

describe('what an administrator is told', () => {
  it('of monitor mode, of the port of SSH and of not being permitted', async () => {
    setMode(pbx.database, 'monitor');
    pbx.env['SSH_CONNECTION'] = `${STRANGER} 50000 192.0.2.1 2222`;
    const { err } = await pbx.run('apply', '--level', 'server', '--dry-run');
    expect(err).toMatch(/^note: in monitor mode calls pass, but the firewall drops all the same$/m);
    expect(err).toMatch(/^note: your SSH session came in at port 2222, which stays open too/m);
    expect(err).toMatch(
      /^note: 198\.51\.100\.20, where you come from, is not permitted: SSH stays/m,
    );
    pbx.permit('trust', STRANGER);
    const { json } = await pbx.run('apply', '--level', 'server', '--dry-run', '--json');
    expect(json.remarks.join()).not.toContain('not permitted');
  });
});

describe('cron', () => {
  it('finds nft without its folder in PATH', async () => {
    pbx.env['PATH'] = '/usr/bin:/bin';
    expect(await pbx.run('load')).toMatchObject({ code: 0, out: 'loaded: level blocks\n' });
  });
});
