import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { environment, OK, variablesOf } from '../support/agi-peer.ts';
import { until } from '../support/asterisk-until.ts';
import { buildPackage, repackage } from '../support/deb.ts';
import { type Debian, openDebian } from '../support/debian.ts';
import { callFrom } from '../support/place.ts';

const PERMITTED = '198.51.100.2';
const STRANGER = '203.0.113.9';

let shared: string;
let current: string;
let next: string;
let boots: Promise<Debian>;
let booted: Debian;

beforeAll(async () => {
  shared = mkdtempSync(join(tmpdir(), 'ipcountry-deb-'));
  boots = openDebian('systemd', shared);
  current = await buildPackage('0.1.0', shared);
  next = await repackage(current, '0.2.0', shared);
  booted = await boots;
}, 180_000);
afterAll(async () => {
  await (await boots).close(); // also where the package could not be built
  rmSync(shared, { recursive: true });
});

/** dpkg as an administrator's `apt install ./x.deb` calls it; nobody is there to answer questions. */
const dpkg = (debian: Debian, ...argv: string[]) =>
  debian.did('dpkg', '--force-unsafe-io', ...argv);
const install = (debian: Debian, name: string) => dpkg(debian, '-i', `/mnt/${name}`);

/** What an installation writes down about itself, and what belongs to the system that runs. */
const OTHERS =
  /^\/(var\/(log|cache|tmp)|tmp|var\/lib\/(dpkg|systemd\/(?!deb-)))(\/|$)|^\/etc\/(\.pwd\.lock|machine-id|(passwd|group|g?shadow|sub[ug]id)-?)$/;
const onDisk = async (debian: Debian) =>
  (await debian.files()).filter((file) => !OTHERS.test(file)).sort();

describe('where systemd does not run, as while an image is built', () => {
  let debian: Debian;
  beforeAll(async () => {
    debian = await openDebian('nothing', shared);
  });
  afterAll(() => debian?.close());

  it('is installed, works, and is taken away without a trace', async () => {
    const before = await onDisk(debian);
    const accounts = await debian.did('cat', '/etc/passwd', '/etc/group');
    await install(debian, current);
    expect(await debian.did('ipcountry', '--version')).toBe('0.1.0');
    const libraries = readFileSync(
      new URL('../support/loads-modules.mjs', import.meta.url),
      'utf8',
    );
    const loaded = await debian.did(
      ...[
        '/usr/lib/ipcountry/node',
        '--input-type=module',
        '-e',
        libraries,
        '',
        '/usr/lib/ipcountry/dist',
      ],
    );
    expect(loaded).toMatch(/better-sqlite3 .*nodemailer .*undici/);
    expect(
      await debian.did('find', '/usr/lib/ipcountry', '-name', '*.ts', '-o', '-name', '*.map'),
    ).toBe('');

    expect(await debian.did('zcat', '/usr/share/man/man1/ipcountry.1.gz')).toContain(
      '.TH IPCOUNTRY 1',
    );
    await debian.did('bash', '-n', '/usr/share/bash-completion/completions/ipcountry');

    // Nothing has made a database yet. What root makes belongs to the service.
    await debian.did('ipcountry', 'permit', PERMITTED);
    expect(await debian.did('stat', '-c', '%U:%G %a', '/var/lib/ipcountry/ipcountry.db')).toBe(
      'ipcountry:ipcountry 640',
    );
    expect(await debian.did('ipcountry', 'check', PERMITTED)).toMatch(/ {2}ok {2}/);
    expect((await debian.run('ipcountry', 'check', STRANGER)).code).toBe(1);

    await dpkg(debian, '--purge', 'ipcountry');
    expect(await onDisk(debian)).toEqual(before);
    expect(await debian.did('cat', '/etc/passwd', '/etc/group')).toBe(accounts);
  });
});

/** Asks the server in there as its Asterisk would. */
async function ask(source: string): Promise<string> {
  const talk = 'exec 3<>/dev/tcp/127.0.0.1/4573 && { cat <&3 & cat >&3; }';
  const child = booted.inNetwork('bash', '-c', talk);
  child.stdin!.write(environment(callFrom(source)));
  const [command] = await once(createInterface(child.stdout!), 'line');
  child.stdin!.end(OK);
  await once(child, 'close');
  return variablesOf(String(command)).stranger;
}

/** Our table at the firewall, as nft shows it. */
const table = () => booted.did('nft', 'list', 'table', 'inet', 'ipcountry');

const show = async (unit: string, property: string) =>
  booted.did('systemctl', 'show', '--value', '-p', property, unit);
const isActive = async (unit: string) =>
  (await booted.run('systemctl', 'is-active', unit)).out.trim();
const ownersOfData = async () =>
  new Set(
    (await booted.did('bash', '-c', 'stat -c %U:%G /var/lib/ipcountry /var/lib/ipcountry/*')).split(
      '\n',
    ),
  );
/** Two seconds instead of a minute. */
async function watchClosely(unit: string): Promise<void> {
  const folder = `/run/systemd/system/${unit}.service.d`;
  const settings = '[Service]\\nWatchdogSec=2\\nTimeoutStopSec=2';
  await booted.did('bash', '-c', `mkdir -p ${folder}; printf '${settings}' > ${folder}/watch.conf`);
}
const effectiveRights = async (unit: string) => {
  const status = await booted.did('cat', `/proc/${await show(unit, 'MainPID')}/status`);
  return /^CapEff:\t(.*)$/m.exec(status)?.[1];
};

describe('where systemd runs', () => {
  let before: string[];

  it('is installed: the server answers, and the firewall is as it was', async () => {
    before = await onDisk(booted);
    await install(booted, current);
    const states = await booted.run(
      'systemctl',
      'is-enabled',
      'ipcountry',
      'ipcountry-guard',
      'ipcountry-firewall',
    );
    expect(states.out).toBe('enabled\ndisabled\ndisabled\n');
    expect(await isActive('ipcountry')).toBe('active');
    expect(await isActive('ipcountry-guard')).toBe('inactive');
    expect(await booted.did('nft', 'list', 'ruleset')).toBe('');
    expect(await ask(PERMITTED)).toBe('true');
    await booted.did('ipcountry', 'permit', PERMITTED);
    expect([await ask(PERMITTED), await ask(STRANGER)]).toEqual(['false', 'true']);
  });

  it('the server has no rights, and its files stay its own when root uses them', async () => {
    const pid = await show('ipcountry', 'MainPID');
    expect(await booted.did('stat', '-c', '%U', `/proc/${pid}`)).toBe('ipcountry');
    expect(await effectiveRights('ipcountry')).toBe('0000000000000000');
    expect(await booted.did('stat', '-c', '%U:%G %a', '/etc/ipcountry/ipcountry.toml')).toBe(
      'root:ipcountry 640',
    );
    // With -wal and -shm, as the server has the database open.
    expect(await ownersOfData()).toEqual(new Set(['ipcountry:ipcountry']));
  });

  it('who has no rights is told what to do', async () => {
    const user = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
    const { code, err } = await booted.run(...user, 'ipcountry', 'permit', 'US');
    expect([code, err]).toEqual([
      2,
      expect.stringMatching(/you may not read it; run this as root \(sudo ipcountry/),
    ]);
  });

  it('a reload keeps the process, and a mistake in the configuration keeps the server', async () => {
    const pid = await show('ipcountry', 'MainPID');
    await booted.did(
      'bash',
      '-c',
      'echo "[screening]\nrate_calls = 0" >> /etc/ipcountry/ipcountry.toml',
    );
    await booted.did('systemctl', 'reload', 'ipcountry');
    await booted.did(
      'bash',
      '-c',
      'cp -p /etc/ipcountry/ipcountry.toml /root/good; echo nonsense >> /etc/ipcountry/ipcountry.toml',
    );
    await booted.did('systemctl', 'reload', 'ipcountry');
    await booted.did('cp', '/root/good', '/etc/ipcountry/ipcountry.toml');
    await booted.did('rm', '/root/good');
    expect([await show('ipcountry', 'MainPID'), await isActive('ipcountry')]).toEqual([
      pid,
      'active',
    ]);
    expect(await booted.did('journalctl', '--no-pager', '-u', 'ipcountry')).toMatch(
      /configuration reloaded.*reload failed/s,
    );
  });

  it('a server that hangs is started anew, and one that works is not', async () => {
    await watchClosely('ipcountry');
    await booted.did('systemctl', 'daemon-reload');
    await booted.did('systemctl', 'restart', 'ipcountry');
    const pid = await show('ipcountry', 'MainPID');
    await new Promise((resolve) => setTimeout(resolve, 4_500));
    expect([await show('ipcountry', 'NRestarts'), await ask(PERMITTED)]).toEqual(['0', 'false']);
    await booted.did('bash', '-c', `kill -STOP ${pid}`);
    await until('a new server', async () => (await show('ipcountry', 'NRestarts')) === '1', 30);
    await until('its answer', async () => (await isActive('ipcountry')) === 'active');
    expect(await ask(PERMITTED)).toBe('false');
  });

  it('guard and firewall run with one right, where they are started', async () => {
    await booted.did(
      'bash',
      '-c',
      'printf "[ami]\nsecret = \'x\'\n" >> /etc/ipcountry/ipcountry.toml',
    );
    await watchClosely('ipcountry-guard');
    await booted.did('systemctl', 'enable', '--now', 'ipcountry-guard');
    expect([await isActive('ipcountry-guard'), await isActive('ipcountry-firewall')]).toEqual([
      'active',
      'active',
    ]);
    expect(await effectiveRights('ipcountry-guard')).toBe('0000000000001000'); // CAP_NET_ADMIN
    await booted.did('ipcountry', 'guard', 'block', STRANGER);
    await until('the block', async () => (await table()).includes(STRANGER));
    await booted.did('systemctl', 'restart', 'ipcountry-firewall');
    expect(await table()).toContain(STRANGER);
    expect(await ownersOfData()).toEqual(new Set(['ipcountry:ipcountry']));
  });

  it('a backup by root is restored while the server runs', async () => {
    await booted.did('ipcountry', 'backup', '/root/backup.tar.gz');
    await booted.did('ipcountry', 'remove', 'permit', PERMITTED);
    expect(await ask(PERMITTED)).toBe('true');
    await until('the firewall to follow', async () => !(await table()).includes(PERMITTED));
    await booted.did('ipcountry', 'restore', '--yes', '/root/backup.tar.gz');
    expect(await ask(PERMITTED)).toBe('false');
    await until('the firewall to follow', async () => (await table()).includes(PERMITTED));
    await booted.did('bash', '-c', 'rm /root/backup.tar.gz /var/lib/ipcountry/before-restore-*');
  });

  it('an upgrade keeps configuration and database, and the new program runs', async () => {
    const pids = () =>
      Promise.all([show('ipcountry', 'MainPID'), show('ipcountry-guard', 'MainPID')]);
    const [server, guard] = await pids();
    expect(await show('ipcountry-guard', 'NRestarts')).toBe('0'); // it has given its signs of life
    const config = await booted.did('cat', '/etc/ipcountry/ipcountry.toml');
    const before = await table();
    await install(booted, next);
    expect(await booted.did('ipcountry', '--version')).toBe('0.2.0');
    expect(await booted.did('cat', '/etc/ipcountry/ipcountry.toml')).toBe(config);
    expect([await ask(PERMITTED), await ask(STRANGER)]).toEqual(['false', 'true']);
    const [newServer, newGuard] = await pids();
    expect([newServer === server, newGuard === guard, newGuard === '0']).toEqual([
      false,
      false,
      false,
    ]);
    expect(await table()).toBe(before);
  });

  it('is removed: all stops, the firewall is open, the database stays', async () => {
    await booted.did('mkdir', '/etc/asterisk');
    await booted.did(
      'bash',
      '-c',
      'echo "; BEGIN ipcountry (x)" > /etc/asterisk/extensions_custom.conf',
    );
    const said = await dpkg(booted, '--remove', 'ipcountry');
    expect(said).toContain("Asterisk's dialplan still asks ipcountry");
    expect(said).toContain('/etc/asterisk/extensions_custom.conf');
    await booted.did('rm', '-r', '/etc/asterisk');
    expect(await booted.did('nft', 'list', 'ruleset')).toBe('');
    expect(await booted.did('bash', '-c', 'stat -c %U /proc/[0-9]*')).not.toContain('ipcountry');
    const left = (await booted.files()).filter(
      (file) => /ipcountry/.test(file) && !OTHERS.test(file),
    );
    expect(left).toEqual(
      expect.arrayContaining(['/etc/ipcountry/ipcountry.toml', '/var/lib/ipcountry/ipcountry.db']),
    );
    expect(left.filter((file) => file.startsWith('/usr'))).toEqual([]);
  });

  it('is purged: nothing is left', async () => {
    await dpkg(booted, '--purge', 'ipcountry');
    expect(await onDisk(booted)).toEqual(before);
    expect((await booted.run('getent', 'passwd', 'ipcountry')).out).toBe('');
  });
});
