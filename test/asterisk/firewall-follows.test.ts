import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, test as anyTest, beforeAll, expect, vi } from 'vitest';
import { commandAt, raiseFirewall, startTool } from '../support/asterisk-firewall.ts';
import { type RunningGuard, startGuard } from '../support/asterisk-guard.ts';
import { versionUnderTest } from '../support/asterisk-lab.ts';
import { GB, JP, KR, SE, usePbx } from '../support/asterisk-pbx.ts';
import { until } from '../support/asterisk-until.ts';
import { type Caller, openCaller } from '../support/firewall-caller.ts';
import { countryFile } from '../support/mmdb.ts';
import { sipp } from '../support/sipp-call.ts';

// A guard runs, and keeps the sets as rules, names and countries say. Which Asterisk it is makes no
// difference to that.
const test = anyTest.runIf(versionUnderTest().channel === 'PJSIP');

vi.setConfig({ testTimeout: 60_000 });

const COUNTRIES = {
  '81.2.69.142/31': 'GB',
  '89.160.20.112/28': 'SE',
  '2001:218::/32': 'JP',
  '2001:220::/32': 'KR',
};

const folder = mkdtempSync(join(tmpdir(), 'ipcountry-firewall-'));
const countryPath = join(folder, 'country.mmdb');
const ENV = {
  IPCOUNTRY_COUNTRY_PATH: countryPath,
  IPCOUNTRY_NAMES_SERVERS: '127.0.0.1:5353',
  IPCOUNTRY_NAMES_INTERVAL: '5',
};

const pbx = usePbx('freepbx', async ({ server }) => {
  await server.cli('permit', 'GB', 'JP');
  await server.cli('extension', 'add', 'hold', '--goto', 'hold,s,1');
});
const command = commandAt(pbx, () => ENV);
const answers = (source: string) => caller.sip(source);

/** Replaces the file at once, as an update does. */
function useCountries(countries: Readonly<Record<string, string>>): void {
  writeFileSync(`${countryPath}.new`, countryFile(countries));
  renameSync(`${countryPath}.new`, countryPath);
}

/** Waits until these come in and those don't. */
const comeIn = (inside: readonly string[], outside: readonly string[], seconds = 10) =>
  until(
    `${inside.join(', ')} to come in and ${outside.join(', ')} not to`,
    async () => {
      const all = await Promise.all([...inside, ...outside].map(answers));
      return all.every((answered, i) => answered === i < inside.length);
    },
    seconds,
  );

let caller: Caller;
let dns: ChildProcess;
let guard: RunningGuard;
beforeAll(async () => {
  useCountries(COUNTRIES);
  caller = await openCaller(pbx().world);
  dns = await startTool(pbx().world.atPbx, 'ami-dns.mjs', '5353', SE);
  guard = await startGuard(pbx(), { env: ENV });
  await raiseFirewall(command, 'sip');
});
afterAll(async () => {
  await guard.stop();
  rmSync(folder, { recursive: true });
});

test('a call goes on, and loses no packet, while the sets are swapped under it', async () => {
  const since = guard.lines.length;
  const call = sipp(pbx().world, { source: GB, dial: 'hold', ask: 10 });
  const { asterisk } = pbx();
  await until('the call to be up', async () =>
    (await asterisk.rx('core show channels')).includes('hold'),
  );
  await command('permit', 'SE', 'KR');
  await comeIn([SE, KR], []);
  await command('remove', 'permit', 'SE');
  await comeIn([KR], [SE]);
  await raiseFirewall(command, 'sip');
  await command('remove', 'permit', 'KR');
  await comeIn([], [SE, KR]);
  await asterisk.rx('channel request hangup all');
  const { code, output, requests } = await call;
  expect([code, output]).toEqual([0, expect.anything()]);
  const swaps = guard.lines.slice(since).filter(({ msg }) => /brought up to date$/.test(msg));
  expect(swaps.length).toBeGreaterThanOrEqual(3);
  expect(requests.length).toBeGreaterThan(100);
  expect(requests.filter((request, i) => requests.indexOf(request) !== i)).toEqual([]);
});

test('a country that is permitted no more is shut out within seconds; and let in again', async () => {
  await command('remove', 'permit', 'GB');
  await comeIn([JP], [GB]);
  await command('remove', 'permit', 'JP');
  await comeIn([], [GB, JP]);
  await command('permit', 'GB', 'JP');
  await comeIn([GB, JP], []);
});

test('networks that a new country database moves to another country', async () => {
  expect(await answers(GB)).toBe(true);
  useCountries({ '81.2.69.142/31': 'SE', '89.160.20.112/28': 'GB', '2001:220::/32': 'JP' });
  await comeIn([SE, KR], [GB, JP]);
  useCountries(COUNTRIES);
  await comeIn([GB, JP], [SE, KR]);
});

test('a name whose address moves, from one family to the other', async () => {
  await command('permit', 'grandma.example.net');
  await comeIn([SE], [KR]);
  dns.stdin!.write(`${KR}\n`);
  await comeIn([KR], [SE], 15);
  await command('remove', 'permit', 'grandma.example.net');
  await comeIn([], [SE, KR]);
});

test('a rule for a hotel night ends by itself', async () => {
  const end = performance.now() + 8_000;
  await command('permit', SE, '--for', '8s');
  await comeIn([SE], [KR]);
  await comeIn([], [SE, KR], 20);
  expect(performance.now()).toBeGreaterThan(end);
});
