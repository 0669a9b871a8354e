import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parse } from 'smol-toml';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openShell, type Shell } from '../support/cli.ts';
import { startHttp, type TestServer } from '../support/http.ts';
import { countryFile } from '../support/mmdb.ts';
import { type MailServer, startMailServer } from '../support/smtp.ts';

let shell: Shell;
let config: string;
let http: TestServer | undefined;
let mail: MailServer | undefined;
beforeEach(() => {
  shell = openShell();
  config = join(shell.folder, 'ipcountry.toml');
});
afterEach(async () => {
  await http?.close();
  await mail?.close();
  shell.remove();
});

/** On a host without Asterisk, or with one that is to be left alone. */
const setup = (...argv: string[]) =>
  shell(
    ...['--config', config, 'setup', '--no-ami', '--no-dialplan', '--no-services'],
    ...[
      '--asterisk',
      join(shell.folder, 'asterisk'),
      '--asterisk-folder',
      join(shell.folder, 'etc'),
    ],
    ...argv,
  );
const account = (id: string, file: string) => ['--account-id', id, '--license-key-file', file];
const FIRST = ['--yes', '--source', 'none', '--countries', 'US,ca'];
const written = () => parse(readFileSync(config, 'utf8'));

describe('answers', () => {
  it.each([
    ['the country data', ['--countries', 'US'], '--source'],
    ['the countries', ['--source', 'none'], '--countries'],
    ["MaxMind's account", ['--source', 'maxmind', '--countries', 'US'], '--account-id'],
    ["MaxMind's licence key", ['--account-id', '1', '--countries', 'US'], '--license-key-file'],
  ])(
    '--yes without %s ends with 2, names the flag and writes nothing',
    async (what, argv, flag) => {
      const { code, out, err } = await setup('--yes', ...argv);
      expect([code, out]).toEqual([2, '']);
      expect(err).toContain(`there is no answer for ${what}`);
      expect(err).toContain(`say ${flag}`);
      expect(readdirSync(shell.folder)).toEqual([]);
    },
  );

  it.each([
    [['--countries', 'UK'], "'UK' is no country code; did you mean GB?"],
    [['--source', 'ripe'], "'ripe' is no source: there are dbip, maxmind and none"],
    [['--account-id', '1'], '--account-id and --source none exclude each other'],
    [['--geoip-conf', 'x'], '--geoip-conf and --source none exclude each other'],
    [['--country-file', 'x'], '--country-file and --source none exclude each other'],
    [['--source', 'maxmind', ...account('me', '/dev/null')], "'me' is no account ID"],
    [['--source', 'maxmind', ...account('1', '/dev/null')], '/dev/null is empty'],
    [['--source', 'maxmind', ...account('1', '/nowhere')], "/nowhere: can't be read (ENOENT)"],
    [['--domains', 'sip:example.com'], "'sip:example.com' is no domain"],
    [['--extension', 'weather'], "'weather' can't be understood: write name=where"],
    [['--extension', 'weather=from-internal,947'], "'from-internal,947' is no destination"],
    [['--extension', '951=PJSIP/951&PJSIP/952'], 'is no single device'],
    [['--mail', 'a b@'], "--mail: mail.to: 'b@' is no mail address"],
    [['--services'], 'there is no systemd here to start services'],
  ])('%j is refused, and nothing is written', async (argv, message) => {
    const { code, out, err } = await setup(...FIRST, ...argv);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(message);
    expect(readdirSync(shell.folder)).toEqual([]);
  });

  it('are asked at a terminal alone', async () => {
    const { code, err } = await setup();
    expect([code, err]).toEqual([2, expect.stringContaining('there is no terminal to ask at')]);
  });

  it('wants an Asterisk that runs, or is told to leave it out', async () => {
    const argv = ['setup', ...FIRST, '--no-services', '--asterisk', join(shell.folder, 'asterisk')];
    const { code, err } = await shell('--config', config, ...argv, '--asterisk-folder', '/nowhere');
    expect([code, err]).toEqual([2, expect.stringContaining("Asterisk can't be asked")]);
    const folder = await shell('--config', config, ...argv, '--asterisk-folder', shell.folder);
    expect(folder.err).toMatch(
      /ENOENT.*; setup can leave Asterisk out with --no-ami --no-dialplan/,
    );
    expect(readdirSync(shell.folder)).toEqual([]);
  });
});

describe('a first run', () => {
  it('makes rules, whitelist and domains, and lets every call pass', async () => {
    const { code, err, json } = await setup(
      ...[...FIRST, '--domains', 'SIP.example.com.,sip.example.com', '--json'],
      ...['--extension', 'Weather=from-internal,947,1', '--extension', '951=PJSIP/951'],
      ...['--extension', 'weather=from-internal,948,1'],
    );
    expect([code, json.changed, err]).toEqual([0, true, '']);
    expect(json.stands).toContainEqual({
      what: 'mode',
      ok: null,
      words: 'monitor: every call passes',
    });
    const permitted = (await shell('list', 'permit')).out;
    expect(permitted).toMatch(/US +United States/);
    expect(permitted).toMatch(/CA +Canada/);
    expect((await shell('extension', 'list', '--json')).json).toMatchObject([
      { name: '951', route: 'dial,PJSIP/951' },
      { name: 'weather', route: 'goto,from-internal,948,1' },
    ]);
    expect((await shell('domain', 'list', '--json')).json).toMatchObject([
      { name: 'sip.example.com' },
    ]);
    expect((await shell('mode')).out).toMatch(/^monitor/);
    expect(existsSync(config)).toBe(false); // there was nothing to put into it
  });

  it('only shows with --dry-run', async () => {
    const { code, out } = await setup(...FIRST, '--dry-run', '--mail', 'admin@example.com');
    expect(code).toBe(0);
    expect(out).toContain(`${config}: new\n@@ -1,0 +1,4 @@\n+# Written by 'ipcountry setup'.`);
    expect(out).toContain('+to = ["admin@example.com"]');
    expect(out).toMatch(/^mode +monitor: every call passes/m);
    const { json } = await setup(...FIRST, '--dry-run', '--json');
    expect(json).toMatchObject({ changed: true, dryRun: true, plan: { files: [] } });
    expect(json.plan.rows).toHaveLength(3);
    expect(readdirSync(shell.folder)).toEqual([]);
  });

  it('leaves the mode alone where the database has been in use', async () => {
    await shell('permit', 'SE');
    await setup(...FIRST);
    expect((await shell('mode')).out).toMatch(/^enforce/);
    expect((await shell('list', 'permit')).out).not.toContain('Sweden');
  });
});

describe('a run again', () => {
  it('says that there is nothing to do, and writes nothing', async () => {
    await setup(...FIRST, '--extension', 'weather=from-internal,947,1');
    const before = statSync(join(shell.folder, 'setup-record.json')).mtimeMs;
    for (const argv of [['--yes'], FIRST]) {
      const { out, err } = await setup(...argv);
      expect(out).toMatch(/^nothing to change: all is as asked\n/);
      expect(err).toBe('');
    }
    expect(statSync(join(shell.folder, 'setup-record.json')).mtimeMs).toBe(before);
  });

  it('changes what it is asked for, and can be taken back step by step', async () => {
    await setup(...FIRST, '--domains', 'sip.example.com');
    await shell('permit', 'SE', '--for', '8h');
    const { json } = await setup('--yes', '--countries', 'CA', '--domains', 'none', '--json');
    expect(json.plan.rows).toMatchObject([
      { table: 'permit', key: 'US', after: null },
      { table: 'domain', key: 'sip.example.com', after: null },
    ]);
    const codes = async () =>
      (await shell('list', 'permit', '--json')).json
        .filter(({ kind }: { kind: string }) => kind === 'country')
        .map(({ subject }: { subject: string }) => subject);
    expect(await codes()).toEqual(['CA', 'SE']); // SE goes by itself
    expect((await setup('--undo', '--yes')).out).toMatch(
      /^ok: the setup is taken back; the one before/,
    );
    expect((await codes()).sort()).toEqual(['CA', 'SE', 'US']);
    expect((await shell('domain', 'list')).out).toContain('sip.example.com');
    expect((await setup('--undo', '--yes')).out).toBe('ok: the setup is taken back\n');
    expect(await codes()).toEqual(['SE']);
    expect((await shell('mode')).out).toMatch(/^enforce/);
    const { code, err } = await setup('--undo', '--yes');
    expect([code, err]).toEqual([2, expect.stringContaining('nothing to undo')]);
  });

  it('does not take back what somebody has changed since', async () => {
    writeFileSync(config, '[log]\nlevel = "silent"\n');
    await setup(...FIRST, '--mail', 'admin@example.com');
    await shell('permit', 'US', '--note', 'for good');
    writeFileSync(config, `${readFileSync(config, 'utf8')}# mine\n`);
    const { code, out } = await setup('--undo', '--yes');
    expect(code).toBe(1);
    expect(out).toBe(
      `not taken back: ${config} (changed since)\nnot taken back: permit US (changed since)\n`,
    );
    expect(readFileSync(config, 'utf8')).toContain('admin@example.com');
    expect((await shell('mode')).out).toMatch(/^enforce/);
    // Once the file is as setup left it, it follows.
    writeFileSync(config, readFileSync(config, 'utf8').replace('# mine\n', ''));
    const again = await setup('--undo', '--yes');
    expect([again.code, again.out]).toEqual([1, 'not taken back: permit US (changed since)\n']);
    expect(readFileSync(config, 'utf8')).toBe('[log]\nlevel = "silent"\n');
    expect((await shell('list', 'permit')).out).toMatch(/US .*for good/);
    expect((await shell('list', 'permit')).out).not.toContain('Canada');
  });
});

describe('mail', () => {
  it('gets a test by the mail server that is configured', async () => {
    mail = await startMailServer();
    const to = ['admin@example.com', 'pbx@example.com'];
    writeFileSync(config, `[mail]\ntransport = "smtp"\nport = ${mail.port}  # ours\n`);
    const { json } = await setup(...FIRST, '--mail', to.join(' '), '--json');
    expect(json.stands).toContainEqual({
      ...{ what: 'mail', ok: true },
      words: `a test is sent to ${to.join(', ')} by 127.0.0.1:${mail.port}`,
    });
    expect(mail.mails).toMatchObject([{ to }]);
    expect(readFileSync(config, 'utf8')).toBe(
      `[mail]\ntransport = "smtp"\nport = ${mail.port}  # ours\nto = ["${to.join('", "')}"]\n`,
    );
  });

  it('that does not go out is told of', async () => {
    writeFileSync(config, '[mail]\nsendmail = "/nowhere/sendmail"\n');
    const { code, out } = await setup(...FIRST, '--mail', 'admin@example.com');
    expect(code).toBe(1);
    expect(out).toMatch(/^ko +mail +sendmail program \/nowhere\/sendmail: ENOENT/m);
    expect(written()).toMatchObject({ mail: { to: ['admin@example.com'] } });
  });
});

describe('country data', () => {
  const place = () => ({ IPCOUNTRY_COUNTRY_PATH: join(shell.folder, 'country.mmdb') });
  const data = countryFile({ '81.2.69.0/24': 'GB' });
  const key = () => {
    const file = join(shell.folder, 'given-key');
    writeFileSync(file, 'kkkkkkkk\n');
    return account('4711', file);
  };

  it('is downloaded from the source', async () => {
    http = await startHttp((_, response) => response.writeHead(200).end(gzipSync(data)));
    Object.assign(shell.env, place());
    writeFileSync(config, `[country]\nhost = "${http.url}"\n`);
    const { json } = await setup('--yes', '--source', 'dbip', '--countries', 'GB', '--json');
    expect(json.stands[0]).toEqual({
      ...{ what: 'country', ok: true, words: 'Test-Country of 2026-01-01, 1 networks' },
    });
    expect(readFileSync(join(shell.folder, 'country.mmdb')).equals(data)).toBe(true);
    expect(written()).toEqual({ country: { host: http.url, source: 'dbip' } });
  });

  it('has its key in a file of its own, which is never shown', async () => {
    http = await startHttp((_, response) => response.writeHead(401).end());
    writeFileSync(config, `[country]\nhost = "${http.url}"\nlicense_key = "old"\n`);
    const { out, err, json } = await setup('--yes', ...key(), '--countries', 'GB', '--json');
    const file = join(shell.folder, 'maxmind-key');
    expect(readFileSync(file, 'utf8')).toBe('kkkkkkkk\n');
    expect(statSync(file).mode & 0o777).toBe(0o640);
    expect(written()).toEqual({
      country: {
        ...{ host: http.url, source: 'maxmind', account_id: '4711' },
        license_key_file: file,
      },
    });
    expect(json.stands[0]).toMatchObject({ what: 'country', ok: false });
    expect(json.stands[0].words).toContain('refuses the account or its license key');
    expect(`${out}${err}`).not.toContain('kkkkkkkk');
    expect(http.requests[0]!.headers.authorization).toBe(
      `Basic ${Buffer.from('4711:kkkkkkkk').toString('base64')}`,
    );
  });

  it('may be a file, or what GeoIP.conf says', async () => {
    Object.assign(shell.env, place());
    const file = join(shell.folder, 'mine.mmdb.gz');
    writeFileSync(file, gzipSync(data));
    const { json } = await setup('--yes', '--country-file', file, '--countries', 'GB', '--json');
    expect(json.stands[0]).toMatchObject({ what: 'country', ok: true });
    http = await startHttp((_, response) => response.writeHead(401).end());
    const conf = join(shell.folder, 'GeoIP.conf');
    writeFileSync(conf, `AccountID 4712\nLicenseKey x\nHost ${http.url}\n`);
    await setup('--yes', '--geoip-conf', conf);
    expect(written()).toEqual({ country: { source: 'maxmind', geoip_conf: conf } });
    expect(http.requests[0]!.headers.authorization).toMatch(/^Basic NDcxMjp4/);
  });
});
