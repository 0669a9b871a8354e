import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type OpenPbx, openPbx, type PbxParts } from '../../src/audit/open-pbx.ts';
import { noteBackup } from '../../src/backup/index.ts';
import { loadConfig } from '../../src/config.ts';
import { countryPaths, openCountryData } from '../../src/country/index.ts';
import type { Database } from '../../src/database/index.ts';
import { fault } from '../../src/errors.ts';
import { writeHeartbeat } from '../../src/guard/heartbeat.ts';
import { addDomain, addRule, parseSubject, setMode } from '../../src/policy/index.ts';
import { newDatabase, type TestDatabase } from '../support/database.ts';
import { listeningLog } from '../support/log.ts';

let folder: string;
const at = (name: string) => join(folder, name);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ipcountry-audit-'));
  writeFileSync(at('asterisk.conf'), '[options]\n');
});
afterEach(() => rmSync(folder, { recursive: true }));

const config = loadConfig('/dev/null', {});

function open(parts: Partial<PbxParts> = {}): OpenPbx {
  return openPbx({
    folder,
    asterisk: 'false',
    offline: false,
    config,
    database: () => undefined,
    country: () =>
      openCountryData(countryPaths({ ...config, dataFolder: folder }), listeningLog().log),
    now: Date.parse('2026-11-01T00:00:00Z'),
    ...parts,
  });
}

/** A console that counts how often it was asked. */
function console_(lines: string): { program: string; asked(): number } {
  const program = at('console');
  const count = at('asked');
  writeFileSync(program, `#!/bin/sh\necho >> ${count}\n${lines}\n`, { mode: 0o755 });
  return {
    program,
    asked: () => (existsSync(count) ? readFileSync(count, 'utf8').length : 0),
  };
}

describe('the files', () => {
  it('are read once', () => {
    writeFileSync(at('sip.conf'), '[general]\n');
    const pbx = open();
    expect(pbx.conf('sip.conf').sections).toHaveLength(1);
    writeFileSync(at('sip.conf'), '');
    expect(pbx.conf('sip.conf').sections).toHaveLength(1);
    expect(pbx.conf('iax.conf').found).toBe(false);
  });

  it('must be there', () => {
    rmSync(at('asterisk.conf'));
    writeFileSync(at('notes.conf'), '');
    expect(() => open()).toThrow(fault('audit-folder', folder));
    expect(() => open({ folder: at('nothing') })).toThrow(fault('audit-folder', at('nothing')));
    writeFileSync(at('pjsip.conf'), '');
    expect(open().folder).toBe(folder);
  });

  it('tell once what of them was not read', () => {
    writeFileSync(at('sip.conf'), '[general]\n#exec ls\n');
    const pbx = open();
    expect(pbx.remarks()).toEqual([]);
    pbx.conf('sip.conf');
    pbx.conf('sip.conf');
    expect(pbx.remarks()).toEqual([expect.stringMatching(/^sip\.conf:2: #exec was not run/)]);
  });

  it("are FreePBX's where its override file is among them", () => {
    expect(open().kind).toBe('plain');
    writeFileSync(at('extensions_override_freepbx.conf'), '');
    expect(open().kind).toBe('freepbx');
  });
});

describe('the running Asterisk', () => {
  it('is asked each command once', async () => {
    const { program, asked } = console_('echo "$@"');
    const pbx = open({ asterisk: `${program} -C x` });
    const answers = await Promise.all([pbx.ask('core show version'), pbx.ask('core show version')]);
    expect(answers).toEqual(Array(2).fill('-C x -rx core show version\n'));
    expect(await pbx.ask('module show')).toBe('-C x -rx module show\n');
    expect([asked(), pbx.silence()]).toEqual([2, undefined]);
  });

  it('is not asked again where it did not answer', async () => {
    const { program, asked } = console_('echo Unable to connect >&2; exit 1');
    const pbx = open({ asterisk: program });
    expect(await pbx.ask('core show version')).toBeUndefined();
    expect(await pbx.ask('module show')).toBeUndefined();
    expect([asked(), pbx.silence()]).toEqual([
      1,
      "Asterisk can't be asked: Unable to connect; start it, or run this as a user who may use its console",
    ]);
  });

  it('is left alone, and so is this host, where only files count', async () => {
    const { program, asked } = console_('echo x');
    const pbx = open({ asterisk: program, offline: true });
    expect(await pbx.ask('core show version')).toBeUndefined();
    expect([asked(), pbx.silence(), pbx.host]).toEqual([0, undefined, undefined]);
  });
});

describe('what ipcountry itself knows', () => {
  let test: TestDatabase;
  let database: Database;
  beforeEach(() => {
    test = newDatabase();
    database = test.database;
  });
  afterEach(() => test.remove());
  const own = () => open({ database: () => test.another() }).own;

  it('is defaults without a database', () => {
    expect(open().own).toMatchObject({
      mode: 'enforce',
      monitorSince: undefined,
      permit: undefined,
      domains: undefined,
      agiAddress: '127.0.0.1:4573',
      amiUser: 'ipcountry',
      firewall: 'off',
      sipPorts: ['5060-5082', '5160-5161'],
      iaxPorts: ['4569'],
      websocketPorts: ['8088-8089'],
      country: { sample: true },
      guardRuns: false,
      backupAt: undefined,
    });
  });

  it('is a fault where it can not be read, and only for what needs it', () => {
    const damaged = fault('database-damaged', 'x');
    const { own } = open({
      database: () => {
        throw damaged;
      },
    });
    expect(() => own.mode).toThrow(damaged);
    expect(() => own.permit).toThrow(damaged);
    expect(own.agiAddress).toBe('127.0.0.1:4573');
  });

  it('is the mode, and since when calls pass', () => {
    const insert = database.prepare(
      `INSERT INTO call (at, entry, technology, channel, uniqueid, source, counted, country, sipuri,
         domain, extension, number, name, agent, outcome, reason, rule_list, rule, route, enforced, micros)
       VALUES (?, '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', ?, 0)`,
    );
    expect(own()).toMatchObject({ mode: 'enforce', monitorSince: undefined });
    setMode(database, 'monitor');
    expect(own()).toMatchObject({ mode: 'monitor', monitorSince: undefined });
    insert.run(1_000, 0);
    insert.run(2_000, 0);
    expect(own().monitorSince).toBe(1_000);
    insert.run(3_000, 1);
    expect(own().monitorSince).toBeUndefined();
    insert.run(4_000, 0);
    insert.run(5_000, 0);
    expect(own().monitorSince).toBe(4_000);
    setMode(database, 'enforce');
    expect(own()).toMatchObject({ mode: 'enforce', monitorSince: undefined });
  });

  it('is who is let in: how many rules, and those that let in half of the Internet', () => {
    const add = (list: 'permit' | 'trust' | 'deny', subject: string, expiresAt?: number) =>
      addRule(database, { list, subject: parseSubject(subject), origin: 'test', expiresAt }, 0);
    expect(own().permit).toEqual({ rules: 8, everyone: [] });
    add('permit', '0.0.0.0/0');
    add('permit', '0.0.0.0/2');
    add('trust', '128.0.0.0/1');
    add('permit', '2000::/3');
    add('permit', '2000::/4');
    add('deny', '::/0');
    add('permit', '::/1', Date.parse('2026-10-01T00:00:00Z'));
    add('permit', 'US');
    expect(own().permit).toEqual({
      rules: 14,
      everyone: ['permit 0.0.0.0/0', 'trust 128.0.0.0/1', 'permit 2000::/3'],
    });
    database.exec('DELETE FROM rule');
    expect(own().permit).toEqual({ rules: 0, everyone: [] });
  });

  it('is the names under which calls are taken', () => {
    expect(own().domains).toEqual([]);
    addDomain(database, { name: 'sip.example.com', origin: 'test' }, 0);
    expect(own().domains).toEqual(['sip.example.com']);
  });

  it('is the level of the firewall, and where the dialplan asks', () => {
    expect(own().firewall).toBe('blocks');
    const choice = {
      level: 'sip',
      options: { invalid: false, bogons: false, tiny: false, rates: false, traps: false },
      ssh: [],
      own: [],
    };
    database.prepare("INSERT INTO setting VALUES ('firewall', ?)").run(JSON.stringify(choice));
    expect(own().firewall).toBe('sip');
    const agi = { ...config.agi, host: '::', port: 99 };
    expect(open({ config: { ...config, agi } }).own.agiAddress).toBe('[::1]:99');
  });

  it('is whether the guard watches', () => {
    const now = Date.parse('2026-11-01T00:00:00Z');
    expect(own().guardRuns).toBe(false);
    const sign = { since: now - 100_000, at: now - 10_000, away: null, stopped: false };
    writeHeartbeat(database, sign);
    expect(own().guardRuns).toBe(true);
    writeHeartbeat(database, { ...sign, at: now - 1_000_000 });
    expect(own().guardRuns).toBe(false);
    writeHeartbeat(database, { ...sign, stopped: true });
    expect(own().guardRuns).toBe(false);
  });

  it('is when the last backup was made', () => {
    expect(own().backupAt).toBeUndefined();
    noteBackup(database, 1_700_000_000_000);
    expect(own().backupAt).toBe(1_700_000_000_000);
  });

  it('is how old the country data are', () => {
    const sample = open().own.country;
    expect(sample.builtAt.getTime()).toBeGreaterThan(0);
    mkdirSync(at('empty'));
    const missing = open({
      country: () => {
        throw fault('country-file-unreadable', 'x', 'ENOENT');
      },
    });
    expect(() => missing.own.country).toThrow(fault('country-file-unreadable', 'x', 'ENOENT'));
  });
});
