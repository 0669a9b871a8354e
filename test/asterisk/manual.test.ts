import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DialplanAsterisk, startDialplan } from '../support/asterisk-dialplan.ts';
import { versionUnderTest } from '../support/asterisk-lab.ts';
import { openShell } from '../support/cli.ts';
import { codeIn } from '../support/manual.ts';

const shell = openShell();
let asterisk: DialplanAsterisk;
beforeAll(async () => {
  asterisk = await startDialplan(versionUnderTest(), 'plain');
});
afterAll(async () => {
  await asterisk?.stop();
  shell.remove();
});

test('the dialplan of docs/asterisk.md is loaded as it stands there', async () => {
  const file = join(asterisk.etc, 'extensions.conf');
  const written = codeIn('docs/asterisk.md').find(({ text }) => text.includes('[from-outside]'))!;
  appendFileSync(file, `\n${written.text}\n`);
  const { code, out } = await shell(
    ...['dialplan', 'install', 'plain', '--file', file],
    ...['--asterisk', asterisk.console, '--reload'],
  );
  expect([code, out]).toEqual([0, expect.stringContaining('ok: Asterisk has loaded')]);

  const steps = async (context: string) =>
    [...(await asterisk.rx(`dialplan show ${context}`)).matchAll(/\b\d+\. (\w+)\(([\w-]*)/g)].map(
      ([, application, argument]) => `${application} ${argument}`,
    );
  expect(await steps('from-outside')).toEqual([
    ...['Gosub ipcountry-external', 'Goto my-public', 'Gosub ipcountry-external', 'Goto my-public'],
  ]);
  expect(await steps('from-provider')).toEqual([
    'Gosub ipcountry-blacklist-check',
    'Goto my-incoming',
  ]);
  expect(await steps('my-public')).toEqual(['Congestion 5', 'Hangup ']);
  expect(await steps('my-incoming')).toEqual(['Dial PJSIP']);
});
