import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AmiPeer, startAmiPeer } from '../../scripts/benchmark/ami-peer.mjs';
import { openShell, type Shell } from '../support/cli.ts';
import { type DnsServer, startDnsServer } from '../support/dns-server.ts';
import { countryFile } from '../support/mmdb.ts';

let ami: AmiPeer;
let dns: DnsServer;
let shell: Shell;

const HOSTILE = '1003\u001b[2J';

beforeEach(async () => {
  dns = await startDnsServer();
  dns.set('sip.example.com', ['89.160.20.113'], ['2001:218::9']);
  ami = await startAmiPeer({
    answers: {
      PJSIPShowContacts: () => ({
        events: [
          contact('1001', '81.2.69.142', 'Desk phone'),
          contact('1002', '81.2.69.142', 'Desk phone'),
          contact(HOSTILE, '[2001:220::5]', `evil\u0007${'x'.repeat(500)}`),
          contact('1004', '192.168.7.7', 'At home'),
          contact('1005', 'made-up.example.com', 'Liar'),
        ],
      }),
      PJSIPShowEndpoints: () => ({ events: [{ Event: 'EndpointList', ObjectName: 'provider' }] }),
      PJSIPShowEndpoint: () => ({
        events: [
          {
            ...{ Event: 'IdentifyDetail', EndpointName: 'provider' },
            Match: '89.160.20.113/255.255.255.255,89.160.20.128/255.255.255.240',
          },
        ],
      }),
      PJSIPShowRegistrationsOutbound: () => ({
        events: [
          {
            ...{ Event: 'OutboundRegistrationDetail', ObjectName: 'provider' },
            ...{ ServerUri: 'sip:sip.example.com', Status: 'Registered' },
          },
        ],
      }),
    },
  });
  shell = openShell({
    ...{ IPCOUNTRY_AMI_PORT: String(ami.port), IPCOUNTRY_AMI_SECRET: ami.secret },
    IPCOUNTRY_NAMES_SERVERS: dns.address,
  });
  const path = join(shell.folder, 'country.mmdb');
  const countries = { '81.2.69.0/24': 'GB', '89.160.20.0/24': 'SE', '2001:220::/32': 'KR' };
  writeFileSync(path, countryFile(countries));
  shell.env['IPCOUNTRY_COUNTRY_PATH'] = path;
});
afterEach(async () => {
  shell.remove();
  await Promise.all([ami.stop(), dns.close()]);
});

function contact(name: string, host: string, agent: string) {
  return {
    ...{ Event: 'ContactList', ObjectName: `${name};@0123`, Endpoint: name },
    ...{ Uri: `sip:phone@${host}:5060`, UserAgent: agent, Status: 'NonQualified' },
  };
}

/** What a machine with a public address of its own adds is not of interest. */
const proposed = ({ json }: Awaited<ReturnType<Shell>>) =>
  json.proposed.filter(({ peers }: { peers: string[] }) => peers[0] !== 'this server');
const rulesOf = async (list: string) =>
  (await shell('list', list, '--json')).json
    .filter(({ origin, note }: { origin: string; note: string }) => {
      return origin.startsWith('cli:') && note !== 'this server';
    })
    .map(({ subject, note }: { subject: string; note: string }) => [subject, note]);

describe('permit --peers', () => {
  it('shows each with its country, and changes nothing with --dry-run', async () => {
    const { code, out, err } = await shell('permit', '--peers', '--dry-run');
    expect(code).toBe(0);
    const lines = out.split('\n').filter((line) => !line.startsWith('this server'));
    expect(lines.map((line) => line.split(/ {2,}/))).toEqual([
      ['PEER', 'ADDRESS', 'COUNTRY', 'NOW', 'PROPOSED', 'CALLS ITSELF'],
      [
        ...['PJSIP/1001, PJSIP/1002', '81.2.69.142', 'GB United Kingdom', '! not-permitted'],
        ...['permit 81.2.69.142', 'Desk phone'],
      ],
      [
        ...['PJSIP/1003\\x1b[2J', '2001:220::5', 'KR South Korea', '! not-permitted'],
        ...['permit 2001:220::5', `evil\\x07${'x'.repeat(35)}…`],
      ],
      [
        ...['PJSIP/provider', '89.160.20.128/28', 'SE Sweden', 'not-permitted'],
        'trust 89.160.20.128/28',
      ],
      [
        ...['PJSIP/provider', '89.160.20.113, 2001:218::9', 'SE Sweden, unknown'],
        ...['not-permitted, country-unknown', 'trust sip.example.com'],
      ],
      [''],
    ]);
    expect(err).toBe(
      '! registered now, from where nothing permits it: make sure that it is yours\n' +
        'PJSIP/1005: gives a name as its address, and could give any; no rule proposed\n',
    );
    expect(await rulesOf('permit')).toEqual([]);
  });

  it('asks, and without anybody to ask changes nothing', async () => {
    const { code, out, err } = await shell('permit', '--peers');
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^PEER .*\nPJSIP\/1001, PJSIP\/1002 +81\.2\.69\.142 /);
    expect(err).toMatch(
      /ipcountry: this makes \d rules \(\d permit, 2 trust\), also for phones that are registered from GB United Kingdom, KR South Korea: nothing was changed; say --yes/,
    );
    expect(await rulesOf('permit')).toEqual([]);
    // Nobody says yes to what they have not seen.
    expect((await shell('permit', '--peers', '--json')).err).toContain('CALLS ITSELF');
  });

  it('takes them all with --yes: phones permitted, trunks trusted, and it is done', async () => {
    const { code, out, err } = await shell('permit', '--peers', '--yes');
    expect(code).toBe(0);
    expect(err).toContain('CALLS ITSELF');
    expect(out).toMatch(/^\d rules \(\d permit, 2 trust\) made: \d+ ranges\n$/);
    expect(await rulesOf('permit')).toEqual([
      ['81.2.69.142', 'peer PJSIP/1001, PJSIP/1002'],
      ['2001:220::5', 'peer PJSIP/1003\\x1b[2J'],
    ]);
    expect(await rulesOf('trust')).toEqual([
      ['89.160.20.128/28', 'peer PJSIP/provider'],
      ['sip.example.com', 'peer PJSIP/provider'],
    ]);
    const { json, code: check } = await shell('check', '--peers', '--json');
    const ko = json.filter(({ ok }: { ok: boolean | null }) => ok === false);
    expect([check, ko.map(({ peer }: { peer: string }) => peer)]).toEqual([1, ['PJSIP/1005']]);
    // A name's addresses were looked up at once.
    expect((await shell('check', '2001:218::9', '--json')).json).toMatchObject([
      { ok: true, rule: 'trust sip.example.com' },
    ]);
    const again = await shell('permit', '--peers', '--yes');
    expect([again.code, again.out]).toEqual([0, 'nothing to do: no known address needs a rule\n']);
  });

  it('leaves out whom a rule lets in already, and whom one denies', async () => {
    await shell('permit', 'GB');
    await shell('deny', 'KR');
    const ran = await shell('permit', '--peers', '--dry-run', '--json');
    expect(proposed(ran).map(({ subject }: { subject: string }) => subject)).toEqual([
      ...['89.160.20.128/28', 'sip.example.com'],
    ]);
    expect(ran.json).toMatchObject({ changed: false, outlook: null });
    expect(ran.json.remarks).toEqual([
      'PJSIP/1003\\x1b[2J: 2001:220::5 is denied (deny KR); no rule proposed',
      'PJSIP/1005: gives a name as its address, and could give any; no rule proposed',
    ]);
  });

  it('takes a note and a time', async () => {
    await shell('permit', '--peers', '--yes', '--note', 'first day', '--for', '8h');
    const rules = (await shell('list', 'trust', '--json')).json;
    expect(rules).toMatchObject([{ note: 'first day' }, { note: 'first day' }]);
    expect(Date.parse(rules[0].expires) - Date.now()).toBeGreaterThan(7.9 * 3_600_000);
  });

  it('cuts a long list of names in the note', async () => {
    const events = Array.from({ length: 30 }, (_, n) => contact(`20${n + 10}`, '81.2.69.142', ''));
    ami.answers['PJSIPShowContacts'] = () => ({ events });
    await shell('permit', '--peers', '--yes');
    const [[, note]] = await rulesOf('permit');
    expect(note).toMatch(/^peer PJSIP\/2010, PJSIP\/2011.*…$/);
    expect(note).toHaveLength(81);
  });

  it('makes no rule where Asterisk refuses, or the database is not there', async () => {
    shell.env['IPCOUNTRY_FREEPBX_PORT'] = '9';
    const half = await shell('permit', '--peers', '--freepbx', '--yes');
    expect([half.code, half.out]).toEqual([2, '']);
    expect(half.err).toMatch(/^ipcountry: FreePBX's database at 127\.0\.0\.1:9: can't be reached/);
    shell.env['IPCOUNTRY_AMI_SECRET'] = 'wrong';
    const none = await shell('permit', '--peers', '--yes');
    expect([none.code, none.out]).toEqual([2, '']);
    expect(await rulesOf('permit')).toEqual([]);
  });

  it.each<[string[], RegExp]>([
    [['US', '--peers'], /find the addresses by themselves: name none beside/],
    [['US', '--freepbx'], /find the addresses by themselves/],
    [['US', '--dry-run'], /--dry-run goes with --peers or --freepbx/],
    [['--yes'], /missing required argument 'subject', or --peers or --freepbx/],
  ])('%j is a mistake', async (argv, message) => {
    const { code, out, err } = await shell('permit', ...argv);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(message);
    expect(await rulesOf('permit')).toEqual([]);
  });

  it('is for permit alone', async () => {
    expect((await shell('trust', '--peers')).code).toBe(2);
    expect((await shell('deny', 'US', '--freepbx')).err).toContain("unknown option '--freepbx'");
  });
});
