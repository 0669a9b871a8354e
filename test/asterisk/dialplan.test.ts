import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DialplanAsterisk, startDialplan } from '../support/asterisk-dialplan.ts';
import { versionUnderTest } from '../support/asterisk-lab.ts';
import { openShell } from '../support/cli.ts';

const shell = openShell();
afterAll(() => shell.remove());

describe('FreePBX', () => {
  let asterisk: DialplanAsterisk;
  let file: string;
  beforeAll(async () => {
    asterisk = await startDialplan(versionUnderTest(), 'freepbx');
    file = join(asterisk.etc, 'extensions_override_freepbx.conf');
  });
  afterAll(() => asterisk?.stop());

  const dialplan = (verb: string, ...more: string[]) =>
    shell('dialplan', verb, 'freepbx', '--asterisk', asterisk.console, ...more);

  test('check finds nothing of ours before the installation', async () => {
    const { code, out } = await dialplan('check');
    expect(code).toBe(1);
    expect(out).toContain('missing: [ipcountry-external]: ');
    expect(out).toContain(
      'different: [from-sip-external] _.,1: Asterisk has Goto(leaked,external,1)',
    );
    expect(out).toContain('missing: [globals] IPCOUNTRY_AGI');
  });

  test('install has Asterisk load it, and check finds what we wrote', async () => {
    const { code, out } = await dialplan('install', '--file', file, '--reload');
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/\nok: Asterisk has loaded \d+ contexts as written\n$/),
    ]);
    const { code: checked, json } = await dialplan('check', '--json');
    expect(json.findings.filter((finding: { harmless: boolean }) => !finding.harmless)).toEqual([]);
    expect([checked, json.ok]).toEqual([0, true]);
    expect(json.globals).toEqual({
      IPCOUNTRY_AGI: '127.0.0.1:4573',
      IPCOUNTRY_EXTERNAL_FAILURE: 'refuse',
      IPCOUNTRY_BLACKLIST_FAILURE: 'allow',
    });
  });

  test("check tells of FreePBX's priorities behind ours, which nothing reaches", async () => {
    const { json } = await dialplan('check', '--json');
    expect(json.findings).toContainEqual({
      kind: 'behind',
      where: '[from-sip-external] _X.,3',
      wanted: '',
      found: 'Goto(leaked,external,1)',
      from: expect.stringMatching(/^extensions\.conf:\d+$/),
      harmless: true,
    });
  });

  test('check finds an extension that takes calls past us', async () => {
    const main = join(asterisk.etc, 'extensions.conf');
    const before = readFileSync(main, 'utf8');
    appendFileSync(main, '\n[from-sip-external]\nexten => _1XXX,1,Dial(PJSIP/1)\n');
    await asterisk.rx('dialplan reload');
    const { code, out } = await dialplan('check');
    writeFileSync(main, before);
    await asterisk.rx('dialplan reload');
    expect(code).toBe(1);
    expect(out).toMatch(
      /^foreign: \[from-sip-external\] _1XXX,1: Dial\(PJSIP\/1\) \(extensions\.conf:\d+\) is not ours: calls to it are not screened$/m,
    );
    expect((await dialplan('check')).code).toBe(0);
  });

  test('check finds another server address, and a failure policy that is none', async () => {
    expect((await dialplan('check', '--port', '99')).out).toContain(
      'different: [globals] IPCOUNTRY_AGI: Asterisk has 127.0.0.1:4573; we wrote 127.0.0.1:99',
    );
    const globals = join(asterisk.etc, 'globals_custom.conf');
    const before = readFileSync(globals, 'utf8');
    appendFileSync(
      globals,
      '\nIPCOUNTRY_EXTERNAL_FAILURE=refused\nIPCOUNTRY_BLACKLIST_FAILURE=refuse\n',
    );
    await asterisk.rx('dialplan reload');
    const { code, json } = await dialplan('check', '--json');
    writeFileSync(globals, before);
    await asterisk.rx('dialplan reload');
    expect(code).toBe(1);
    const wrong = json.findings.filter((finding: { harmless: boolean }) => !finding.harmless);
    expect(wrong).toMatchObject([
      {
        where: '[globals] IPCOUNTRY_EXTERNAL_FAILURE',
        wanted: 'refuse or allow',
        found: 'refused',
      },
    ]);
  });

  test('remove takes it out again', async () => {
    const { code } = await dialplan('remove', '--file', file, '--reload');
    expect(code).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe('');
    expect(await asterisk.rx('dialplan show ipcountry-external')).toContain('no existence');
  });
});

test('plain Asterisk loads what install wrote beside its extensions.conf', async () => {
  const asterisk = await startDialplan(versionUnderTest(), 'plain');
  try {
    const file = join(asterisk.etc, 'extensions.conf');
    const more = ['plain', '--asterisk', asterisk.console];
    const installed = await shell('dialplan', 'install', ...more, '--file', file, '--reload');
    expect([installed.code, installed.err]).toEqual([0, '']);
    const { code, out } = await shell('dialplan', 'check', ...more);
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/^ok: Asterisk has loaded \d+ contexts/),
    ]);
  } finally {
    await asterisk.stop();
  }
});

test('install says so where Asterisk does not load what is written', async () => {
  const asterisk = await startDialplan(versionUnderTest(), 'plain');
  try {
    const file = join(asterisk.etc, 'extensions.conf');
    appendFileSync(file, '\n#include not-there.conf\n');
    const { code, out } = await shell(
      ...['dialplan', 'install', 'plain', '--asterisk', asterisk.console, '--file', file],
      '--reload',
    );
    expect(code).toBe(1);
    expect(out).toMatch(/^missing: \[ipcountry-external\]: /m);
    expect(out).toMatch(/^what is missing is not loaded: .* look into Asterisk's log$/m);
    expect(readFileSync(file, 'utf8')).toContain('#include ipcountry.conf');
  } finally {
    await asterisk.stop();
  }
});

test('check ends with 2 where Asterisk does not run', async () => {
  const { root } = versionUnderTest();
  const console = `chroot ${root} asterisk -C /nonexistent/asterisk.conf`;
  const { code, err } = await shell('dialplan', 'check', 'plain', '--asterisk', console);
  expect(code).toBe(2);
  expect(err).toMatch(/^ipcountry: Asterisk can't be asked: Unable to connect to remote asterisk/);
});
