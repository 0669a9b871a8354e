import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FREEPBX_TABLES, insertsOf } from '../freepbx/tables.ts';
import { openPbxShell, type PbxShell } from '../support/ami-cli.ts';
import { type Asterisk, startAsterisk } from '../support/asterisk.ts';
import { versionUnderTest } from '../support/asterisk-lab.ts';
import { startMariaDb } from '../support/mariadb.ts';
import { openWorld, type World } from '../support/netns-world.ts';
import { register } from '../support/sipp-register.ts';

const GB = '81.2.69.142';
const JP = '2001:218::5';
const COUNTRIES = { '81.2.69.0/24': 'GB', '89.160.20.112/28': 'SE', '2001:218::/32': 'JP' };

const version = versionUnderTest();
const channel = version.channel;

let world: World;
let asterisk: Asterisk;
let shell: PbxShell;

beforeAll(async () => {
  world = await openWorld([GB, JP]);
  asterisk = await startAsterisk(version, world.atPbx, 'plain');
  shell = openPbxShell(world, asterisk.secret, COUNTRIES);
  const path = fileURLToPath(new URL('../support/ami-dns.mjs', import.meta.url));
  const dns = world.atPbx([process.execPath, path, '5353', '81.2.69.163'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(dns.stdout!, 'data');
  shell.env['IPCOUNTRY_NAMES_SERVERS'] = '127.0.0.1:5353';
  const phones = [GB, JP].map((source, i) => {
    const user = `100${i + 1}`;
    return register(world, { source, user, password: `secret-${user}`, agent: 'Desk phone' });
  });
  for (const { status } of await Promise.all(phones)) expect(status).toBe(200);
});
afterAll(async () => {
  shell.remove();
  await asterisk.stop();
  world.close();
});

const rulesOf = async (list: string): Promise<string[]> =>
  (await shell('list', list, '--json')).json
    .filter(({ origin }: { origin: string }) => origin.startsWith('cli:'))
    .map(({ subject, note }: { subject: string; note: string }) => `${subject}: ${note}`)
    .sort();

/** Types `answer` on a terminal. */
async function onTerminal(answer: string, ...argv: readonly string[]) {
  const command = [process.execPath, shell.program, ...argv].join(' ');
  const child = world.atPbx(['script', '-qec', command, '/dev/null'], {
    env: shell.env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    const asked = out.includes('[y/N]');
    out += text;
    if (!asked && out.includes('[y/N]')) child.stdin!.write(`${answer}\n`);
  });
  const [code] = await once(child, 'close');
  return { code, out };
}

test('asked on a terminal, no means no', async () => {
  const { code, out } = await onTerminal('n', 'permit', '--peers');
  expect(code).toBe(2);
  expect(out).toMatch(
    new RegExp(`${channel}/1001 +${GB.replaceAll('.', '\\.')} +GB United Kingdom`),
  );
  expect(out).toMatch(/also for phones that are registered from .*GB United Kingdom/);
  expect(out).toContain('nothing was changed');
  expect(await rulesOf('permit')).toEqual([]);
});

test('and yes makes whoever is connected ok: phones permitted, trunks trusted', async () => {
  const { code, out } = await onTerminal('y', 'permit', '--peers');
  expect(code).toBe(0);
  expect(out).toMatch(/\d+ rules \(3 permit, \d+ trust\) made: 11 ranges/);
  expect(await rulesOf('permit')).toEqual([
    `2001:218::5: peer ${channel}/1002`,
    '2001:db8::1: this server',
    `81.2.69.142: peer ${channel}/1001`,
  ]);
  expect(await rulesOf('trust')).toEqual([
    // An IAX2 peer of ours at this server's own address: both in one rule.
    '192.0.2.1: peer IAX2/from-gb, IAX2/from-se, this server',
    ...(channel === 'PJSIP'
      ? [
          '2001:218:1::/48: peer PJSIP/provider',
          '2001:218::9: peer PJSIP/provider',
          '81.2.69.160: peer PJSIP/trunk',
          '81.2.69.161: peer IAX2/us, PJSIP/provider',
          '81.2.69.162: peer IAX2/iax-provider',
          '81.2.69.176/28: peer PJSIP/provider',
          '89.160.20.113: peer PJSIP/trunk',
          'sip.provider.example: peer PJSIP/provider',
        ]
      : [
          '2001:218::9: peer SIP/provider-v6',
          '81.2.69.160: peer SIP/trunk-gb',
          '81.2.69.161: peer IAX2/us, SIP/provider-v4',
          '81.2.69.162: peer IAX2/iax-provider',
          '89.160.20.113: peer SIP/trunk-se',
          'sip.provider.example: peer SIP/us',
        ]),
  ]);
  expect((await shell('check', '--peers')).code).toBe(0);
  expect((await shell('permit', '--peers', '--yes')).out).toBe(
    'nothing to do: no known address needs a rule\n',
  );
}, 60_000);

/** The database has no part in what differs between Asterisks: once is enough. */
describe.skipIf(channel !== 'PJSIP')("with FreePBX's database", () => {
  let stop: () => Promise<void>;
  beforeAll(async () => {
    const mariadb = await startMariaDb();
    stop = mariadb.stop;
    await mariadb.run(
      'CREATE DATABASE asterisk',
      'USE asterisk',
      ...FREEPBX_TABLES,
      ...insertsOf({
        trunks: [
          [1, 'New provider', 'pjsip'],
          [2, 'Old provider', 'sip', 'on'],
        ],
        devices: { 1001: 'pjsip', 2001: 'sip' },
        pjsip: { 1: { sip_server: 'voip.example.com', match: '89.160.20.114, 81.2.69.163' } },
        sip: {
          '1001': { match: '' },
          '2001': { host: 'dynamic', permit: '203.0.113.0/255.255.255.0' },
          '2002': { host: 'dynamic', deny: '0.0.0.0/0.0.0.0', permit: '0.0.0.0/0.0.0.0' },
          '2003': { permit: '10.0.0.0/8&64.0.0.0/4&nonsense' },
          'tr-peer-2': { host: 'old.example.com' },
        },
      }),
      "CREATE USER 'ipcountry'@'localhost' IDENTIFIED BY 'read-only'",
      "GRANT SELECT ON asterisk.* TO 'ipcountry'@'localhost'",
    );
    shell.env['IPCOUNTRY_FREEPBX_SOCKET'] = mariadb.socket;
    shell.env['IPCOUNTRY_FREEPBX_PASSWORD'] = 'read-only';
  });
  afterAll(() => stop?.());

  test('what it knows and nobody else does is proposed too, or said', async () => {
    const { code, out, err } = await shell('permit', '--peers', '--freepbx', '--yes');
    expect(out).toMatch(/^2 rules \(1 permit, 1 trust\) made: 12 ranges\n$/);
    expect(code).toBe(0);
    expect(
      err
        .split('\n')
        .slice(1)
        .map((line) => line.split(/ {2,}/)),
    ).toEqual([
      ...[
        [
          'PJSIP/New provider',
          '89.160.20.114',
          'SE Sweden',
          'not-permitted',
          'trust 89.160.20.114',
        ],
        ['SIP/2001', '203.0.113.0/24', 'unknown', 'country-unknown', 'permit 203.0.113.0/24'],
      ],
      ['permit of all addresses left out: SIP/2002'],
      ['SIP/2003: 64.0.0.0/4 is too wide; if you mean that, make the rule by hand'],
      ["SIP/2003: 'nonsense' can't be in a rule; no rule proposed"],
      [''],
    ]);
    expect(await rulesOf('permit')).toContain('203.0.113.0/24: peer SIP/2001');
  });

  test('alone it needs no Asterisk', async () => {
    shell.env['IPCOUNTRY_AMI_PORT'] = '9';
    const { code, out } = await shell('permit', '--freepbx', '--yes');
    expect([code, out]).toEqual([0, 'nothing to do: no known address needs a rule\n']);
    expect((await shell('permit', '--peers')).code).toBe(2);
  });
});
