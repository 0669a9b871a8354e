import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPbxShell, type PbxShell } from '../support/ami-cli.ts';
import { type Asterisk, startAsterisk } from '../support/asterisk.ts';
import { versionUnderTest } from '../support/asterisk-lab.ts';
import { until } from '../support/asterisk-until.ts';
import { openWorld, type World } from '../support/netns-world.ts';
import { register } from '../support/sipp-register.ts';

const GB = '81.2.69.142';
const SE = '89.160.20.112';
const JP = '2001:218::5';

const NAME_SERVER = fileURLToPath(new URL('../support/ami-dns.mjs', import.meta.url));

const version = versionUnderTest();
const isPjsip = version.channel === 'PJSIP';

let world: World;
let asterisk: Asterisk;
let shell: PbxShell;

beforeAll(async () => {
  world = await openWorld([GB, SE, JP]);
  asterisk = await startAsterisk(version, world.atPbx, 'plain');
  shell = openPbxShell(world, asterisk.secret, {
    ...{ '81.2.69.0/24': 'GB', '89.160.20.112/28': 'SE', '2001:218::/32': 'JP' },
  });
  await shell('permit', 'GB', '192.0.2.1');
});
afterAll(async () => {
  shell.remove();
  await asterisk.stop();
  world.close();
});

/** `PJSIP/1001 phone contact 81.2.69.142 ok permitted`, of the peers that `test` picks. */
async function peers(test = /./): Promise<string[]> {
  const { json } = await shell('check', '--peers', '--json');
  return (json as Record<string, string | boolean | null>[])
    .map(({ peer, role, kind, address, host, ok, reason }) => {
      const verdict = ok === null ? '-' : ok ? 'ok' : 'ko';
      return `${peer} ${role} ${kind} ${address ?? host ?? '-'} ${verdict} ${reason}`;
    })
    .filter((line) => test.test(line));
}

const registerAs = (user: string, source: string, more = {}) =>
  register(world, { source, user, password: `secret-${user}`, ...more });

test('trunks as they are configured', async () => {
  expect(await peers(/trunk/)).toEqual([
    'IAX2/from-gb trunk peer 192.0.2.1 ok permitted',
    'IAX2/from-se trunk peer 192.0.2.1 ok permitted',
    'IAX2/iax-provider trunk peer 81.2.69.162 ok permitted',
    'IAX2/us trunk registration 81.2.69.161 ok permitted',
    ...(isPjsip
      ? [
          'PJSIP/provider trunk contact sip.provider.example ko unresolved',
          'PJSIP/provider trunk contact 81.2.69.161 ok permitted',
          'PJSIP/provider trunk contact 2001:218::9 ko not-permitted',
          'PJSIP/provider trunk identify 81.2.69.176/28 ok permitted',
          'PJSIP/provider trunk identify 2001:218:1::/48 ko not-permitted',
          'PJSIP/provider trunk registration sip.provider.example ko unresolved',
          'PJSIP/trunk trunk identify 81.2.69.160 ok permitted',
          'PJSIP/trunk trunk identify 89.160.20.113 ko not-permitted',
        ]
      : [
          'SIP/provider-v4 trunk peer 81.2.69.161 ok permitted',
          'SIP/provider-v6 trunk peer 2001:218::9 ko not-permitted',
          'SIP/trunk-gb trunk peer 81.2.69.160 ok permitted',
          'SIP/trunk-se trunk peer 89.160.20.113 ko not-permitted',
          'SIP/us trunk registration sip.provider.example ko unresolved',
        ]),
  ]);
});

test('phones where they register from, over both families', async () => {
  expect((await registerAs('1001', GB)).status).toBe(200);
  expect((await registerAs('1002', JP)).status).toBe(200);
  const kind = isPjsip ? 'PJSIP/%s phone contact' : 'SIP/%s phone peer';
  expect(await peers(/SIP\/100\d phone/)).toEqual([
    `${kind.replace('%s', '1001')} ${GB} ok permitted`,
    `${kind.replace('%s', '1002')} ${JP} ko not-permitted`,
  ]);
  await registerAs('1001', GB, { expires: 0 });
  await registerAs('1002', JP, { expires: 0 });
  const gone = isPjsip
    ? []
    : ['SIP/1001 phone peer - - not-registered', 'SIP/1002 phone peer - - not-registered'];
  expect(await peers(/SIP\/100\d phone/)).toEqual(gone);
});

test('a wrong password registers nobody', async () => {
  const { status } = await registerAs('1001', SE, { password: 'wrong' });
  expect(status).toBe(isPjsip ? 401 : 403);
  expect(await peers(new RegExp(SE.replaceAll('.', '\\.')))).toEqual([]);
});

test('an IAX2 phone that registers', async () => {
  expect(await peers(/iax-phone/)).toEqual(['IAX2/iax-phone phone peer - - not-registered']);
  const phone = await startAsterisk(version, world.outside, 'plain', {
    'iax.conf': '\n[general](+)\nregister => iax-phone:secret-iax@192.0.2.1\n',
  });
  try {
    const wanted = `IAX2/iax-phone phone peer ${GB} ok permitted`;
    await until('the registration', async () => (await peers(/iax-phone/))[0] === wanted);
  } finally {
    await phone.stop();
  }
});

test('exit 1 while any is ko, 0 when all are ok, with a table for people', async () => {
  const refused = await shell('check', '--peers');
  expect(refused.code).toBe(1);
  expect(refused.out).toMatch(/^PEER +KIND +ADDRESS +COUNTRY +REASON +RULE$/m);
  expect(refused.out).toMatch(/ 2001:218::9 +JP Japan +ko +not-permitted$/m);

  // What is left: trunks whose names have no address. They get one.
  await shell('permit', 'SE', 'JP');
  expect((await peers(/ ko /)).every((line) => line.endsWith('unresolved'))).toBe(true);
  const dns = world.atPbx([process.execPath, NAME_SERVER, '5353', '81.2.69.163'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(dns.stdout!, 'data');
  shell.env['IPCOUNTRY_NAMES_SERVERS'] = '127.0.0.1:5353';
  const { code, out, err } = await shell('check', '--peers');
  dns.kill();
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(/^(PJ)?SIP\/\S+ +trunk registration +81\.2\.69\.163 .* ok /m);
});

test.each<[string, Record<string, string>, RegExp]>([
  [
    'a wrong secret',
    { IPCOUNTRY_AMI_SECRET: 'wrong' },
    /refuses the manager account 'guard' \(Auth/,
  ],
  [
    'no manager there',
    { IPCOUNTRY_AMI_PORT: '5039' },
    /port 5039\) can't be reached \(ECONNREFUSED/,
  ],
  [
    'an account that may not',
    { IPCOUNTRY_AMI_USER: 'nobody' },
    /refuses the manager account 'nobody'/,
  ],
  [
    'one without class system',
    { IPCOUNTRY_AMI_USER: 'watcher' },
    /refuses .* give it .*write=system/,
  ],
])('%s is said clearly, and ends with 2', async (_, env, message) => {
  const before = { ...shell.env };
  Object.assign(shell.env, env);
  const { code, out, err } = await shell('check', '--peers');
  Object.assign(shell.env, before);
  expect([code, out]).toEqual([2, '']);
  expect(err).toMatch(message);
});
