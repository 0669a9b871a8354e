import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type AmiPeer, type Answers, startAmiPeer } from '../../scripts/benchmark/ami-peer.mjs';
import { openShell, type Shell } from '../support/cli.ts';
import { countryFile } from '../support/mmdb.ts';

let shell: Shell;
let peer: AmiPeer;

const phone = (name: string, IPaddress: string, more = {}) => ({
  ...{ Event: 'PeerEntry', ObjectName: name, IPaddress, Dynamic: 'yes', Status: 'OK' },
  ...more,
});

const answers: Answers = {};

beforeAll(async () => {
  peer = await startAmiPeer({ answers });
  shell = openShell({ IPCOUNTRY_AMI_PORT: String(peer.port), IPCOUNTRY_AMI_SECRET: 'secret' });
  const file = join(shell.folder, 'country.mmdb');
  writeFileSync(file, countryFile({ '81.2.69.0/24': 'GB', '89.160.20.112/28': 'SE' }));
  shell.env['IPCOUNTRY_COUNTRY_PATH'] = file;
  await shell('permit', 'GB');
});
afterAll(async () => {
  await peer.stop();
  shell.remove();
});
afterEach(() => {
  for (const name of Object.keys(answers)) delete answers[name];
});

function know(...peers: ReturnType<typeof phone>[]): void {
  answers['SIPpeers'] = () => ({ events: peers });
  answers['SIPshowregistry'] = () => ({ events: [] });
}

it('shows every peer with ok or ko, and exits with 1 on any ko', async () => {
  know(
    phone('1001', '81.2.69.142'),
    phone('999', '89.160.20.112'),
    phone('1002', '-none-'),
    phone('evil\u001b[2J\u202e', '81.2.69.7', { Dynamic: 'no' }),
  );
  const { code, out } = await shell('check', '--peers');
  expect(code).toBe(1);
  expect(out.split('\n').map((line) => line.trimEnd())).toEqual([
    'PEER                     KIND        ADDRESS        COUNTRY                REASON          RULE',
    'SIP/999                  phone peer  89.160.20.112  SE Sweden          ko  not-permitted',
    'SIP/1001                 phone peer  81.2.69.142    GB United Kingdom  ok  permitted       permit GB',
    'SIP/1002                 phone peer  -                                 -   not-registered',
    'SIP/evil\\x1b[2J\\u{202e}  trunk peer  81.2.69.7      GB United Kingdom  ok  permitted       permit GB',
    '',
  ]);
});

it('exits with 0 where all that are somewhere are ok', async () => {
  know(phone('1001', '81.2.69.142'), phone('1002', '-none-'));
  expect((await shell('check', '--peers')).code).toBe(0);
  know();
  const nobody = await shell('check', '--peers');
  expect([nobody.code, nobody.out]).toEqual([0, 'Asterisk knows no extensions or trunks\n']);
});

it('prints JSON', async () => {
  know(phone('1001', '81.2.69.142'));
  expect((await shell('check', '--peers', '--json')).json).toEqual([
    {
      ...{ peer: 'SIP/1001', role: 'phone', kind: 'peer', host: null, address: '81.2.69.142' },
      ...{ country: 'GB', ok: true, reason: 'permitted', rule: 'permit GB' },
      ...{ agent: '', status: 'OK' },
    },
  ]);
});

it('takes addresses beside', async () => {
  know(phone('1001', '81.2.69.142'));
  const { code, out } = await shell('check', '89.160.20.112', '--peers');
  expect(code).toBe(1);
  expect(out).toMatch(/^ADDRESS .*\n89\.160\.20\.112 +ko .*\n\nPEER .*\nSIP\/1001 .* ok /);
  const { json } = await shell('check', '89.160.20.112', '--peers', '--json');
  expect(json.map((row: { ok: boolean }) => row.ok)).toEqual([false, true]);
});

it('wants one or the other', async () => {
  const { code, err } = await shell('check');
  expect(code).toBe(2);
  expect(err).toContain("missing required argument 'address', or --peers");
});

it.each<[string, Record<string, string>, RegExp]>([
  [
    'no secret',
    { IPCOUNTRY_AMI_SECRET: '' },
    /no secret .* manager\.conf .*read=system.*write=system/,
  ],
  ['a wrong secret', { IPCOUNTRY_AMI_SECRET: 'wrong' }, /refuses the manager account 'ipcountry'/],
  [
    'nobody there',
    { IPCOUNTRY_AMI_PORT: '9' },
    /127\.0\.0\.1, port 9\) can't be reached \(ECONNREFUSED\)/,
  ],
])('says what is wrong: %s', async (_, env, message) => {
  const other = openShell({ ...shell.env, ...env });
  const { code, out, err } = await other('check', '--peers');
  other.remove();
  expect([code, out]).toEqual([2, '']);
  expect(err).toMatch(message);
  expect(err).not.toMatch(/'wrong'|'secret'/);
});
