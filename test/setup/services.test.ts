import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/database/index.ts';
import { getMode } from '../../src/policy/index.ts';
import {
  carryOut,
  isEmpty,
  makePlan,
  readRecord,
  recordPath,
  takeBack,
} from '../../src/setup/index.ts';
import { freePort } from '../support/agi-server.ts';
import { ANSWERS, listenAt, openSystem, type TestSystem } from '../support/setup-system.ts';

const PROGRAM = { main: '/opt/ip country/dist/main.js', node: '/opt/node/bin/node' };
const FRESH = { secret: 's', origin: 'cli:root', program: PROGRAM };
const UNITS = ['ipcountry.service', 'ipcountry-guard.service', 'ipcountry-firewall.service'];
const NEVER = new AbortController().signal;

let port: number;
let system: TestSystem;
let server: Server | undefined;
beforeEach(async () => {
  port = await freePort();
  system = openSystem(port);
});
afterEach(() => {
  server?.close();
  server = undefined;
  system.remove();
});

const plan = async (answers = ANSWERS) => makePlan(await system.facts(), answers, FRESH);
const unit = (name: string) => `etc/systemd/system/${name}`;

/** What starts the service also has the server listen: as systemd would. */
async function run(answers = ANSWERS, signal = NEVER) {
  const facts = await system.facts();
  const made = makePlan(facts, answers, FRESH);
  server ??= await listenAt(port);
  return carryOut(made, facts, system.hands, signal);
}

describe('services of a program that came without a package', () => {
  it('get a user, a data folder and units of their own', async () => {
    const { user, folders, files, enable, databasePath } = await plan();
    expect(user).toBe('ipcountry');
    expect(databasePath).toBe(system.file('var/lib/ipcountry/ipcountry.db'));
    expect(folders).toEqual([
      { path: system.file('etc/systemd/system'), owner: 'system' },
      { path: system.file('var/lib/ipcountry'), owner: 'service' },
    ]);
    expect(files.map(({ file }) => file).sort()).toEqual(
      UNITS.map((name) => system.file(unit(name))).sort(),
    );
    expect(enable).toEqual(['ipcountry.service']); // without an account there is nothing to guard
  });

  it('are called where the program and its node are', async () => {
    await run();
    const text = system.read(unit('ipcountry.service'));
    expect(text).toContain('\nExecStart="/opt/ip country/dist/main.js" serve\n');
    expect(text).toContain(
      '\n[Service]\nEnvironment=PATH=/opt/node/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin\n',
    );
    const guard = system.read(unit('ipcountry-guard.service'));
    expect(guard).toContain('\nExecStart="/opt/ip country/dist/main.js" guard run\n');
    expect(guard).toContain('AmbientCapabilities=CAP_NET_ADMIN');
    expect(UNITS.map((name) => system.read(unit(name))).join()).not.toContain(
      '=/usr/bin/ipcountry',
    );
  });

  it('are made, started and taken back', async () => {
    await run();
    expect(system.calls()).toEqual([
      expect.stringMatching(/^useradd --system .* ipcountry$/),
      'systemctl daemon-reload',
      'systemctl enable --now ipcountry.service',
    ]);
    const data = system.file('var/lib/ipcountry');
    expect(statSync(data).mode & 0o777).toBe(0o750);
    system.makeDataFolder(); // it is there; only its name is told
    expect(isEmpty(await plan({ ...ANSWERS, source: { kind: 'keep' } }))).toBe(true);
    const path = recordPath(`${data}/ipcountry.db`);
    const left = await takeBack(readRecord(path)!, `${data}/ipcountry.db`, system.hands);
    expect(left).toEqual([]);
    expect(system.calls().slice(3)).toEqual([
      'systemctl disable --now ipcountry.service',
      'systemctl daemon-reload',
    ]);
    expect(existsSync(system.file('etc/systemd/system'))).toBe(false);
  });

  it('take over the country data and the answers of the folder that was used so far', async () => {
    const before = await plan({ ...ANSWERS, services: false });
    expect(before.databasePath).not.toContain(system.root);
    const facts = await system.facts();
    const old = { ...facts, present: { ...facts.present, sample: false } };
    const { country, rows } = makePlan(old, { ...ANSWERS, source: { kind: 'keep' } }, FRESH);
    expect(country).toEqual({
      path: system.file('var/lib/ipcountry/country.mmdb'),
      file: `${facts.config.dataFolder}/country.mmdb`,
    });
    expect(rows.map(({ key }) => key)).toEqual(['US', 'mode']);
  });
});

describe('a service that does not come up', () => {
  it('has all taken back, and the reason told', async () => {
    system.refuse('enable --now ipcountry.service');
    await expect(run()).rejects.toThrow(
      "'systemctl enable --now ipcountry.service' failed: Job failed; all that setup had changed was taken back",
    );
    expect(system.calls()).toContain('systemctl disable --now ipcountry.service');
    expect(existsSync(system.file('etc/systemd/system'))).toBe(false);
    const path = system.file('var/lib/ipcountry/ipcountry.db');
    expect(readRecord(recordPath(path))).toBeUndefined();
    const database = openDatabase(path);
    expect(getMode(database)).toBe('enforce');
    database.close();
  });

  it('is left behind where somebody says stop', async () => {
    const stopped = AbortSignal.abort();
    await expect(run(ANSWERS, stopped)).rejects.toThrow('interrupted; all that setup had changed');
    expect(existsSync(system.file('etc/systemd/system'))).toBe(false);
    expect(system.calls().filter((call) => call.includes('enable --now'))).toEqual([]);
  });
});

it('stays, with the rules, while Asterisk has a dialplan that asks it', async () => {
  await run();
  const path = system.file('var/lib/ipcountry/ipcountry.db');
  const record = readRecord(recordPath(path))!;
  const edit = {
    part: 'dialplan',
    file: system.file('x.conf'),
    before: '',
    after: 'ours',
  } as const;
  system.put('x.conf', 'ours, and theirs');
  const files = [...record.files, edit];
  const left = await takeBack({ ...record, files }, path, system.hands);
  expect(left).toEqual([
    `${edit.file} (changed since)`,
    ...['ipcountry.service', 'US', 'mode'].map((what) => `${what} (Asterisk asks still)`),
  ]);
  expect(system.calls().filter((call) => call.includes('disable'))).toEqual([]);
  expect(existsSync(system.file(unit('ipcountry.service')))).toBe(true);
});

describe('services are refused', () => {
  it.each([
    ['/root/ipcountry/dist/main.js', '/usr/bin/node'],
    ['/opt/ipcountry/dist/main.js', '/home/me/.nvm/bin/node'],
  ])('for %s run by %s, where they may not look', async (main, node) => {
    const facts = await system.facts();
    const fresh = { ...FRESH, program: { main, node } };
    expect(() => makePlan(facts, ANSWERS, fresh)).toThrow('is in a home folder');
  });

  it('with a configuration that they would not read', async () => {
    const facts = await system.facts();
    const other = { ...facts, configFile: system.file('mine.toml') };
    expect(() => makePlan(other, ANSWERS, FRESH)).toThrow(
      'services read /etc/ipcountry/ipcountry.toml alone',
    );
    process.env['IPCOUNTRY_MAIL_TO'] = 'root';
    try {
      expect(() => makePlan(facts, ANSWERS, FRESH)).toThrow('not the variable IPCOUNTRY_MAIL_TO');
    } finally {
      delete process.env['IPCOUNTRY_MAIL_TO'];
    }
  });

  it('where a server was started by hand', async () => {
    server = await listenAt(port);
    await expect(plan()).rejects.toThrow(`FastAGI port 127.0.0.1:${port} is in use`);
  });
});

describe('services of the package', () => {
  beforeEach(() => {
    system.put('usr/lib/systemd/system/ipcountry.service', '');
    system.put('etc/passwd', 'ipcountry:x:990:990::/:\n');
    system.makeDataFolder();
  });

  it('are only enabled and started', async () => {
    const { user, folders, files, enable } = await plan();
    expect([user, folders, files]).toEqual([undefined, [], []]);
    expect(enable).toEqual(['ipcountry.service']);
  });

  it('send mail to the mail server themselves: they have no right to queue it', async () => {
    const { files, mail } = await plan({ ...ANSWERS, mail: ['root'] });
    expect(files[0]!.after).toContain('[mail]\nto = ["root"]\ntransport = "smtp"\n');
    expect(mail).toEqual(['root']);
  });

  it('that run are told of a new configuration', async () => {
    for (const name of ['ipcountry.service', 'ipcountry-guard.service'])
      system.put(`started.${name}`, '');
    server = await listenAt(port);
    const { enable, reloadUnits } = await plan({ ...ANSWERS, mail: ['root'] });
    expect([enable, reloadUnits]).toEqual([[], ['ipcountry.service', 'ipcountry-guard.service']]);
  });
});

describe('the record', () => {
  it("is nobody else's to read, and is not used where somebody else could have written it", async () => {
    await run();
    const path = recordPath(system.file('var/lib/ipcountry/ipcountry.db'));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const { chmodSync, renameSync, symlinkSync } = await import('node:fs');
    chmodSync(path, 0o620);
    expect(() => readRecord(path)).toThrow('it is not yours alone');
    chmodSync(path, 0o600);
    renameSync(path, `${path}.moved`);
    symlinkSync(`${path}.moved`, path);
    expect(() => readRecord(path)).toThrow('it is a link');
  });

  it('that is damaged is told of', () => {
    const path = system.file('setup-record.json');
    writeFileSync(path, '{"version":1', { mode: 0o600 });
    expect(() => readRecord(path)).toThrow('damaged, or of another version');
    writeFileSync(path, '{"version":2}');
    expect(() => readRecord(path)).toThrow('damaged, or of another version');
  });

  it('does not follow a link that stands in its place', async () => {
    const { symlinkSync } = await import('node:fs');
    system.makeDataFolder();
    system.put('precious', 'precious');
    symlinkSync(system.file('precious'), system.file('var/lib/ipcountry/setup-record.json'));
    await expect(run()).rejects.toThrow('it is a link');
    expect(readFileSync(system.file('precious'), 'utf8')).toBe('precious');
  });
});
