import { readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { DialplanKind } from '../support/asterisk.ts';
import {
  atPbx,
  consoleOf,
  serverFolder,
  snapshot,
  takeDialplanOut,
} from '../support/asterisk-bare.ts';
import { versionUnderTest } from '../support/asterisk-lab.ts';
import { GB, type Pbx, usePbx } from '../support/asterisk-pbx.ts';

/** FreePBX's manager.conf includes the administrator's own file. */
const MORE: Record<DialplanKind, Record<string, string>> = {
  freepbx: { 'manager.conf': '\n#include manager_custom.conf\n', 'manager_custom.conf': '' },
  plain: {},
};
/** Whom an anonymous call reaches that is not refused. */
const PASSES: Record<DialplanKind, string> = {
  freepbx: 'reached inbound-1',
  plain: 'reached public',
};
const FIRST = ['--source', 'none', '--countries', 'JP', '--extension', 'weather=reached,weather,1'];

const files = (pbx: Pbx) => snapshot(pbx.asterisk.etc, serverFolder(pbx));

describe.each(['freepbx', 'plain'] as const)('setup of %s', (kind) => {
  let before: Record<string, string>;
  const pbx = usePbx(
    kind,
    async (it) => {
      await takeDialplanOut(it.asterisk, kind);
      before = files(it);
    },
    MORE[kind],
  );
  const setup = (...argv: string[]) => {
    const { etc } = pbx().asterisk;
    const where = ['--asterisk', consoleOf(pbx().asterisk), '--asterisk-folder', etc];
    return atPbx(pbx(), 'setup', '--no-services', ...where, ...argv);
  };
  const accounts = () => pbx().asterisk.rx('manager show users');

  test.runIf(kind === 'freepbx')(
    'shows what it would write, and no secret of anybody',
    async () => {
      const { code, out } = await setup('--dry-run', ...FIRST);
      expect(code).toBe(0);
      expect(out).toContain('extensions_override_freepbx.conf: changed');
      expect(out).toContain('+secret = (not shown)');
      expect(out).not.toContain(pbx().asterisk.secret);
      expect(out).toMatch(/^permit +JP Japan$/m);
      expect(files(pbx())).toEqual(before);
    },
  );

  test.runIf(kind === 'freepbx')(
    'takes all back where Asterisk does not do what it is told',
    async () => {
      const folder = serverFolder(pbx());
      const wrapper = join(folder, 'console');
      const once = `if [ "\${*##*dialplan reload}" = '' ] && mkdir '${folder}/refused' 2>/dev/null`;
      const script = `${once}; then echo No such command >&2; exit 1; fi`;
      writeFileSync(wrapper, `#!/bin/sh\n${script}\nexec ${consoleOf(pbx().asterisk)} "$@"\n`, {
        mode: 0o755,
      });
      const { code, err } = await setup('--yes', ...FIRST, '--asterisk', wrapper);
      rmSync(wrapper);
      rmdirSync(join(folder, 'refused'));
      expect([code, err.trimEnd().split('\n').at(-1)]).toEqual([
        2,
        expect.stringMatching(/No such command.*; all that setup had changed was taken back$/),
      ]);
      expect(files(pbx())).toEqual(before);
      expect(await accounts()).not.toContain('ipcountry');
      expect(await atPbx(pbx(), 'mode')).toMatchObject({ out: expect.stringMatching(/^enforce/) });
    },
  );

  test('writes account, dialplan and rules, and shows who would be let in', async () => {
    const { code, out, err } = await setup('--yes', ...FIRST);
    expect(err).not.toContain(pbx().asterisk.secret);
    expect(out).toMatch(/^ok +server +answers on 127\.0\.0\.1:4573$/m);
    expect(out).toMatch(/^ok +dialplan +Asterisk has loaded \d+ contexts as written$/m);
    expect(out).toMatch(/^ok +manager +ipcountry logs in$/m);
    expect(out).toMatch(/^- +mode +monitor: every call passes$/m);
    expect(out).toMatch(/^IAX2\/from-gb +trunk peer .* ko +country-unknown$/m);
    expect(code).toBe(1); // there are trunks that nothing lets in yet
    expect(await accounts()).toContain('ipcountry');
    expect(statSync(join(serverFolder(pbx()), 'ami-secret')).mode & 0o777).toBe(0o640);
    const check = ['dialplan', 'check', kind, '--asterisk', consoleOf(pbx().asterisk)];
    expect((await atPbx(pbx(), ...check)).code).toBe(0);
    expect((await atPbx(pbx(), 'extension', 'list')).out).toContain('goto,reached,weather,1');
  });

  test('has the account do what the guard asks for, and no more', async () => {
    const user = await pbx().asterisk.rx('manager show user ipcountry');
    expect(user).toMatch(/read perm: system,security\s*$/m);
    expect(user).toMatch(/write perm: system,command,reporting\s*$/m);
    expect(user).toMatch(/acl: yes/i);
  });

  test("lets a stranger's call pass, and journals what would have become of it", async () => {
    const rows = pbx().server.calls().length;
    const call = await pbx().call({ source: GB, dial: '5551234' });
    expect(call.outcome).toBe(PASSES[kind]);
    expect(pbx().server.calls().slice(rows)).toMatchObject([
      { source: GB, outcome: 'stranger', reason: 'not-permitted', enforced: 0 },
    ]);
  });

  test('finds nothing to do when it is run again', async () => {
    const after = files(pbx());
    const { out, json } = await setup('--yes', ...FIRST, '--json');
    expect([json.changed, json.plan.files, json.plan.rows], out).toEqual([false, [], []]);
    expect(files(pbx())).toEqual(after);
  });

  test('puts every byte back with --undo', async () => {
    const { code, out } = await atPbx(pbx(), 'setup', '--undo', '--yes');
    expect([code, out]).toEqual([0, 'ok: the setup is taken back\n']);
    expect(files(pbx())).toEqual(before);
    expect(await accounts()).not.toContain('ipcountry');
    expect(await pbx().asterisk.rx('dialplan show ipcountry-external')).toContain('no existence');
    expect((await atPbx(pbx(), 'list', 'permit')).out).not.toContain('Japan');
    expect((await atPbx(pbx(), 'mode')).out).toMatch(/^enforce/);
  });

  // Asterisk 16 opens its port where the interface was off from the start, but not a second time.
  const once = test.runIf(kind === 'plain' && versionUnderTest().name === 'Asterisk 22');
  once('switches a manager interface on that is off, for this host alone', async () => {
    const file = join(pbx().asterisk.etc, 'manager.conf');
    const off = 'enabled=no\nbindaddr=0.0.0.0\nport=5039';
    const on = readFileSync(file, 'utf8');
    writeFileSync(file, on.replace(/^enabled=yes\nbindaddr=.*\nport=5038$/m, off));
    await pbx().asterisk.rx('manager reload');
    const settings = () => pbx().asterisk.rx('manager show settings');
    expect(await settings()).toMatch(/Manager \(AMI\): +No/);
    const { out } = await setup('--yes', '--no-dialplan', ...FIRST);
    expect(out).toMatch(/^ok +manager/m);
    expect(await settings()).toMatch(/Manager \(AMI\): +Yes/);
    expect(await settings()).toMatch(/TCP Bindaddress: +127\.0\.0\.1:5039/);
    expect((await atPbx(pbx(), 'setup', '--undo', '--yes')).code).toBe(0);
    expect(await settings()).toMatch(/Manager \(AMI\): +No/);
  });
});
