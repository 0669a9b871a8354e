import { chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runAtPbx, startGuard } from '../support/asterisk-guard.ts';
import { versionUnderTest } from '../support/asterisk-lab.ts';
import { GB, SE, TRUNK_SE, usePbx } from '../support/asterisk-pbx.ts';
import { until } from '../support/asterisk-until.ts';
import { sipAnswers } from '../support/sip-ping.ts';
import { sipp } from '../support/sipp-call.ts';
import { register } from '../support/sipp-register.ts';

const pbx = usePbx('freepbx', async ({ server }) => {
  await server.cli('permit', 'GB');
});

const NOBODY = 65_534;

/** For what no version of Asterisk makes different. */
const once = test.runIf(versionUnderTest().channel === 'PJSIP');

const stranger = () => register(pbx().world, { source: SE, user: '1001', password: 'secret-1001' });
const isBlocked = () => pbx().server.blocks().includes(SE);
const unblock = () => runAtPbx(pbx(), ['guard', 'unblock', SE]);
const table = () => runAtPbx(pbx(), ['firewall', 'status', '--json']);

describe('the guard does not start, and changes nothing,', () => {
  once.each<[string, NodeJS.ProcessEnv, RegExp]>([
    ['without nft', { IPCOUNTRY_FIREWALL_NFT: '/nonexistent/nft' }, /install the package nftables/],
    ['without a secret', { IPCOUNTRY_AMI_SECRET: '' }, /no secret for the manager interface/],
  ])('%s', async (_, env, message) => {
    for (const verb of ['run', 'once']) {
      const { code, err } = await runAtPbx(pbx(), ['guard', verb], env);
      expect([code, err]).toEqual([2, expect.stringMatching(message)]);
    }
  });

  once('without the privilege to change the firewall', async () => {
    const { server, world } = pbx();
    const child = world.atPbx(
      ['setpriv', '--bounding-set=-net_admin', ...server.command, 'guard', 'run'],
      { env: { ...process.env, IPCOUNTRY_AMI_SECRET: 'x' }, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let err = '';
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    const code = await new Promise((done) => child.on('close', done));
    expect([code, err]).toEqual([2, expect.stringMatching(/CAP_NET_ADMIN|root/)]);
  });

  once('and once ends with 2 where the password is wrong or nobody listens', async () => {
    const wrong = await runAtPbx(pbx(), ['guard', 'once'], { IPCOUNTRY_AMI_SECRET: 'wrong' });
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringMatching(/refuses.*'guard'/)]);
    const nobody = await runAtPbx(pbx(), ['guard', 'once'], { IPCOUNTRY_AMI_PORT: '5039' });
    expect([nobody.code, nobody.err]).toEqual([2, expect.stringMatching(/can't be reached/)]);
  });
});

once('needs no root: CAP_NET_ADMIN alone is enough, as its unit has it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ipcountry-nobody-'));
  chownSync(folder, NOBODY, NOBODY);
  const capabilities = ['--inh-caps', '--ambient-caps', '--bounding-set'].map(
    (set) => `${set}=-all,+net_admin`,
  );
  const user = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--no-new-privs'];
  const guard = await startGuard(pbx(), {
    as: ['setpriv', ...user, ...capabilities],
    env: { IPCOUNTRY_DATABASE_PATH: join(folder, 'ipcountry.db') },
  });
  await stranger();
  await guard.logged('guard: blocked', 0, ({ source }) => source === SE);
  await until('the packets to be dropped', async () => !(await sipAnswers(pbx().world, SE)));
  expect(await guard.stop()).toBe(0);
  rmSync(folder, { recursive: true });
  await runAtPbx(pbx(), ['firewall', 'load']); // as its own database has it
});

once(
  'with a wrong password it says so once, goes on with the firewall, and stops when told',
  async () => {
    const refused = 'ami: account refused, trying again every 30 s';
    const env = { IPCOUNTRY_AMI_SECRET: 'wrong' };
    const guard = await startGuard(pbx(), { env, until: refused });
    expect(JSON.parse((await table()).out)).toMatchObject({ level: 'blocks' });
    // Whoever makes a block need not be one who may change the firewall.
    const { server, world } = pbx();
    const without = ['setpriv', '--bounding-set=-net_admin', ...server.command];
    const block = world.atPbx([...without, 'guard', 'block', SE, '--for', '1h'], {
      stdio: 'ignore',
    });
    expect(await new Promise((done) => block.on('close', done))).toBe(0);
    await until('the packets to be dropped', async () => !(await sipAnswers(world, SE)));
    expect(await guard.stop()).toBe(0);
    await unblock();
  },
);

once(
  'with an account that hears of no log-in it says what is missing; with the right one it does not',
  async () => {
    const complaint =
      'guard: no security events come: the manager account needs read=system,security in manager.conf';
    const deaf = await startGuard(pbx(), { env: { IPCOUNTRY_AMI_USER: 'deaf' } });
    const right = await startGuard(pbx());
    await deaf.logged(complaint);
    expect(right.lines.map(({ msg }) => msg)).not.toContain(complaint);
    await deaf.stop();
    await right.stop();
  },
);

test('once: a dry run tells, a real one acts, and a trunk is never blocked', async () => {
  await pbx().server.cli('permit', 'SE');
  expect((await stranger()).status).toBe(200);
  await pbx().server.cli('remove', 'permit', 'SE');
  const dry = await runAtPbx(pbx(), ['guard', 'once', '--dry-run', '--json']);
  expect(dry.code).toBe(1);
  expect(JSON.parse(dry.out)).toMatchObject([{ source: SE, outcome: 'would be blocked' }]);
  expect([isBlocked(), await sipAnswers(pbx().world, SE)]).toEqual([false, true]);

  const once = await runAtPbx(pbx(), ['guard', 'once']);
  expect([once.code, once.out]).toEqual([1, expect.stringMatching(/89\.160\.20\.112.*blocked/)]);
  expect([isBlocked(), await sipAnswers(pbx().world, SE)]).toEqual([true, false]);
  const again = await runAtPbx(pbx(), ['guard', 'once']);
  expect([again.code, again.out]).toEqual([0, 'no stranger found\n']);
  await unblock();

  // Not permitted either, but configured: its calls are refused, and it is not shut out.
  await sipp(pbx().world, { source: TRUNK_SE, dial: '5551234', calls: 6 });
  const trunk = await runAtPbx(pbx(), ['guard', 'once', '--json']);
  expect(JSON.parse(trunk.out)).toMatchObject([{ source: TRUNK_SE, spared: 'trunk' }]);
  expect(await sipAnswers(pbx().world, TRUNK_SE)).toBe(true);
}, 60_000);

once('in monitor mode nobody is blocked, and what would have been is journalled', async () => {
  await pbx().server.cli('mode', 'monitor');
  const guard = await startGuard(pbx());
  await stranger();
  await guard.logged('guard: would be blocked', 0, ({ source }) => source === SE);
  expect([isBlocked(), await sipAnswers(pbx().world, SE)]).toEqual([false, true]);
  await guard.stop();
  await pbx().server.cli('mode', 'enforce');
  const { out } = await runAtPbx(pbx(), ['guard', 'blocks', '--history', '--json']);
  expect(JSON.parse(out)[0]).toMatchObject({ event: 'noticed', source: SE });
  await register(pbx().world, { source: SE, user: '1001', password: 'secret-1001', expires: 0 });
});

once('a block is mailed', async () => {
  const before = pbx().server.mails();
  const guard = await startGuard(pbx());
  await stranger();
  await until('the mail', () => pbx().server.mails() > before);
  await guard.stop();
  await unblock();
});

describe('Asterisk', () => {
  test('restarted is watched again, and looked at whole', async () => {
    const guard = await startGuard(pbx());
    await pbx().asterisk.rx('core restart now');
    await guard.logged('ami: connection gone, trying again');
    const since = guard.lines.length;
    await guard.logged('guard: watching', since);
    await stranger();
    await guard.logged('guard: blocked', since, ({ source }) => source === SE);
    await guard.stop();
    await unblock();
  });

  test('that hangs is noticed; meanwhile the firewall is kept; when it is back, so is the guard', async () => {
    const guard = await startGuard(pbx());
    process.kill(pbx().asterisk.pid, 'SIGSTOP');
    try {
      await pbx().server.cli('deny', SE);
      await guard.logged('guard: firewall brought up to date');
      const gone = () =>
        guard.lines.some(({ msg }) => msg === 'ami: connection gone, trying again');
      await until('the guard to notice', gone, 40);
    } finally {
      process.kill(pbx().asterisk.pid, 'SIGCONT');
    }
    await pbx().server.cli('remove', 'deny', SE);
    await until(
      'the guard to be back',
      () => guard.lines.filter(({ msg }) => msg === 'guard: watching').length === 2,
      60,
    );
    await stranger();
    await guard.logged('guard: blocked', 0, ({ source }) => source === SE);
    await guard.stop();
    await unblock();
  }, 150_000);
});

once(
  'our table, flushed by another program, is put up again; blocks stand in it',
  async () => {
    const guard = await startGuard(pbx());
    await runAtPbx(pbx(), ['guard', 'block', SE, '--for', '1h']);
    expect(await sipAnswers(pbx().world, SE)).toBe(false);
    const flush = pbx().world.atPbx(['nft', 'flush', 'ruleset'], { stdio: 'inherit' });
    await new Promise((done) => flush.on('close', done));
    await until('the table to be back', async () => !(await sipAnswers(pbx().world, SE)));
    await guard.logged(
      'firewall: our table was gone (another program flushed nftables?): put up again',
    );
    expect(await guard.stop()).toBe(0);
    // The guard gone, its blocks stay.
    expect(await sipAnswers(pbx().world, SE)).toBe(false);
    await unblock();
  },
  60_000,
);

describe('SIGHUP', () => {
  once('reads the configuration anew, and a mistake in it changes nothing', async () => {
    const guard = await startGuard(pbx());
    const file = pbx().server.command.at(-1)!;
    const before = readFileSync(file, 'utf8');
    writeFileSync(file, `${before}\n[guard]\nstrikes = "many"\n`);
    guard.process.kill('SIGHUP');
    await guard.logged('reload failed');
    writeFileSync(file, `${before}\n[guard]\nstrikes = 2\n`);
    guard.process.kill('SIGHUP');
    await guard.logged('configuration reloaded');
    const since = guard.lines.length;
    await guard.logged('guard: watching', since - 1);
    for (const password of ['a', 'b']) {
      await register(pbx().world, { source: GB, user: '1001', password });
    }
    await guard.logged('guard: blocked', since, ({ source }) => source === GB);
    writeFileSync(file, before);
    expect(await guard.stop()).toBe(0);
    await runAtPbx(pbx(), ['guard', 'unblock', GB]);
  });
});

once('a database that is locked for seconds delays a block, and does not lose it', async () => {
  const guard = await startGuard(pbx());
  const release = pbx().server.lock();
  await stranger();
  await guard.logged('guard: an event could not be acted on');
  release();
  await stranger();
  await guard.logged('guard: blocked', 0, ({ source }) => source === SE);
  await guard.stop();
  await unblock();
});
