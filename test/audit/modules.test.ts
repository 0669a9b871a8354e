import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { isLoaded } from '../../src/audit/modules.ts';
import { auditFiles, type Facts } from '../support/audit.ts';

const root = mkdtempSync(join(tmpdir(), 'ipcountry-modules-'));
afterAll(() => rmSync(root, { recursive: true }));

let folders = 0;
function loaded(modules: string, installed: readonly string[] = [], facts: Facts = {}) {
  const folder = join(root, `${++folders}`);
  const place = join(folder, 'root/opt/modules');
  mkdirSync(place, { recursive: true });
  for (const name of installed) writeFileSync(join(place, name), '');
  writeFileSync(join(folder, 'modules.conf'), modules);
  writeFileSync(join(folder, 'asterisk.conf'), '[directories]\nastmoddir => /opt/modules\n');
  return isLoaded(auditFiles(folder, facts), 'chan_sip');
}

it.each([
  ['[modules]\nautoload=yes\n', true],
  ['[modules]\nautoload=no\n', false],
  ['[modules]\nautoload=yes\nnoload => chan_sip.so\n', false],
  ['[modules]\nautoload=yes\nnoload = chan_sip\n', false],
  ['[modules]\nautoload=yes\nnoload = chan_sip_more.so\n', true],
  ['[modules]\nload=chan_sip.so\n', true],
  ['[modules]\npreload-require=chan_sip.so\n', true],
  ['[modules]\nload=chan_iax2.so\n', false],
  ['[modules](!)\nautoload=no\n', true],
])('by %j a module is loaded: %j', async (modules, expected) => {
  expect(await loaded(modules)).toBe(expected);
});

it('a module that is not installed is not loaded', async () => {
  const autoload = '[modules]\nautoload=yes\n';
  expect(await loaded(autoload, ['chan_pjsip.so'])).toBe(false);
  expect(await loaded(autoload, ['chan_pjsip.so', 'chan_sip.so'])).toBe(true);
  // Of another host nothing is known.
  expect(await loaded(autoload, ['chan_pjsip.so'], { offline: true })).toBe(true);
});

it('the running Asterisk knows better than its files', async () => {
  const says = (text: string) => ({ asks: { 'module show like chan_sip.so': text } });
  const head = 'Module  Description  Use Count  Status  Support Level\n';
  const line = (state: string) =>
    `chan_sip.so  Session Initiation Protocol  0  ${state}  extended\n`;
  const all = '[modules]\nautoload=yes\n';
  expect(await loaded(all, [], says(`${head}0 modules loaded\n`))).toBe(false);
  expect(await loaded(all, [], says(`${head}${line('Not Running')}1 modules loaded\n`))).toBe(
    false,
  );
  const none = '[modules]\nautoload=no\n';
  expect(await loaded(none, [], says(`${head}${line('Running')}1 modules loaded\n`))).toBe(true);
  expect(await loaded(all, [], says('No such command'))).toBe(true);
});
