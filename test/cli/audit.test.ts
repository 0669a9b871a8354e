import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CHECKS } from '../../src/audit/all.ts';
import { openDatabase } from '../../src/database/index.ts';
import { openShell, type Shell } from '../support/cli.ts';

const SAMPLES = new URL('../audit/files/', import.meta.url).pathname;

let shell: Shell;
let folder: string;
const at = (name: string) => join(folder, name);

beforeEach(() => {
  shell = openShell();
  folder = join(shell.folder, 'asterisk');
});
afterEach(() => shell.remove());

/** A copy of a sample as the configuration folder; what it does not have, another Asterisk's has. */
function sample(name: string): void {
  cpSync(join(SAMPLES, name), folder, { recursive: true });
  if (!existsSync(at('asterisk.conf'))) writeFileSync(at('asterisk.conf'), '[options]\n');
}

/** Files alone, and the checks whose samples these are: what this machine is like must not count. */
const audit = (...more: readonly string[]) =>
  shell('audit', '--offline', '--config-folder', folder, '--only', 'AMI', ...more);

const makeDatabase = () => openDatabase(shell.env['IPCOUNTRY_DATABASE_PATH']!).close();

describe('audit', () => {
  it('tells what was found, by weight, with why and how to mend it, and ends with 1', async () => {
    sample('AMI-110/bad');
    const { code, out } = await audit();
    expect(code).toBe(1);
    const headings = [...out.matchAll(/^(HIGH|MEDIUM|LOW) +(\S+) (.*)$/gm)].map(
      ([, ...rest]) => rest,
    );
    expect(headings).toEqual([
      ['HIGH', 'AMI-100', 'Manager interface open to the network'],
      ['HIGH', 'AMI-110', 'Manager accounts with weak secrets'],
      ['MEDIUM', 'AMI-120', 'Manager accounts that anybody may log in to'],
    ]);
    expect(out).toContain(`
        manager.conf:11 [wallboard]: the secret is the account's own name with little added
        manager.conf:20 [nosecret]: the secret is empty
        manager.conf:26 [digits]: the secret has 11 digits and nothing else
        manager.conf:6 [admin]: the secret is a word that everybody tries (medium)
`);
    expect(out).toMatch(/^ {2}why {3}A manager account is worth/m);
    expect(out).toMatch(/^ {2}mend {2}Give the account a random secret/m);
    expect(out).toMatch(
      new RegExp(
        `\\n10 findings \\(4 high, 6 medium\\) by 3 of 5 checks in ${folder}; 0 not known\\n$`,
      ),
    );
  });

  it('prints what the manual shows', async () => {
    const text = readFileSync('docs/audit.md', 'utf8');
    const [, shown] = /^ {4}# ipcountry audit\n((?: {4}.*\n|\n)+)/m.exec(text)!;
    mkdirSync(folder);
    writeFileSync(at('asterisk.conf'), '');
    const lines = [
      '[general]',
      'enabled=yes',
      'bindaddr=0.0.0.0',
      '',
      '',
      '[admin]',
      'secret=amp111',
    ];
    lines.push('deny=0.0.0.0/0', ...Array(11).fill(''), '[nosecret]', 'secret=');
    writeFileSync(at('manager.conf'), lines.join('\n'));
    const { out } = await shell(
      'audit',
      '--offline',
      '--config-folder',
      folder,
      '--only',
      'AMI-110',
    );
    expect(out.replace(folder, '/etc/asterisk')).toBe(
      `${shown!.trimEnd().replace(/^ {4}/gm, '')}\n`,
    );
  });

  it('ends with 0 where all is well', async () => {
    sample('AMI-100/good');
    const { code, out } = await audit();
    expect([code, out]).toEqual([0, `ok: 5 checks found nothing in ${folder}; 0 not known\n`]);
  });

  it('shows a few places of a check, and all with --details', async () => {
    const accounts = Array.from({ length: 42 }, (_, i) => `[user${i}]\nsecret=abc\n`);
    mkdirSync(folder);
    writeFileSync(at('asterisk.conf'), '');
    writeFileSync(
      at('manager.conf'),
      `[general]\nenabled=yes\nbindaddr=127.0.0.1\n${accounts.join('')}`,
    );
    const places = (text: string) => text.match(/the secret is/g)?.length;
    const { out } = await audit();
    expect([places(out), out.includes('and 37 more (--details)\n')]).toEqual([5, true]);
    const { out: all } = await audit('--details');
    expect([places(all), all.includes('more (')]).toEqual([42, false]);
  });

  it('prints all of it as JSON', async () => {
    sample('AMI-120/bad');
    const { code, json, err } = await audit('--json', '--skip', 'AMI-130');
    expect([code, err]).toEqual([1, '']);
    expect(json).toEqual({
      ok: false,
      folder,
      kind: 'plain',
      findings: { high: 1, medium: 3, low: 0 },
      checks: expect.any(Array),
      skipped: ['AMI-130'],
      remarks: [],
      asterisk: null,
      last: null,
    });
    const known = CHECKS.find(({ id }) => id === 'AMI-120')!;
    expect(json.checks.map(({ id }: { id: string }) => id)).toEqual([
      'AMI-100',
      'AMI-110',
      'AMI-120',
      'AMI-140',
    ]);
    expect(json.checks[2]).toEqual({
      id: 'AMI-120',
      severity: 'medium',
      title: known.title,
      why: known.why,
      mend: known.mend,
      unknown: null,
      findings: [
        expect.objectContaining({
          where: 'manager.conf:5 [wallboard]',
          severity: 'medium',
          new: null,
        }),
        expect.objectContaining({ where: 'manager.conf:10 [reports]' }),
        {
          severity: 'medium',
          where: 'manager.conf:16 [monitoring]',
          found: 'permit and deny let in anybody from IPv6',
          new: null,
        },
      ],
    });
  });

  it('lists the checks, and runs none', async () => {
    const { code, out } = await shell('audit', '--list', '--config-folder', '/nonexistent');
    expect(code).toBe(0);
    expect(out.split('\n')).toHaveLength(CHECKS.length + 2);
    expect(out).toMatch(/^AMI-100 +medium +Manager interface open to the network$/m);
    const { json } = await shell('audit', '--list', '--json', '--only', 'AMI', '--skip', 'AMI-110');
    expect(json.map(({ id, skipped }: { id: string; skipped: boolean }) => [id, skipped])).toEqual([
      ['AMI-100', false],
      ['AMI-110', true],
      ['AMI-120', false],
      ['AMI-130', false],
      ['AMI-140', false],
    ]);
  });

  it('shows text of the files as what it is', async () => {
    mkdirSync(folder);
    writeFileSync(at('asterisk.conf'), '');
    writeFileSync(
      at('manager.conf'),
      '[general]\nenabled=yes\nbindaddr=::1\n[\u001b[31mx\u202e]\nsecret=x\n',
    );
    const { out } = await audit();
    expect(out).toContain('manager.conf:4 [\\x1b[31mx\\u{202e}]: the secret has 1 characters');
  });
});

describe('checks are skipped', () => {
  beforeEach(() => sample('AMI-110/bad'));
  const shown = (out: string) => [...out.matchAll(/^[A-Z]+ +(AMI-\d+) /gm)].map(([, id]) => id);

  it.each([
    [['--skip', 'AMI-100', 'ami-110'], ['AMI-120']],
    [['--skip', 'AMI-100,AMI-120'], ['AMI-110']],
    [['--skip', 'AMI'], []],
  ])('with %j', async (argv, ids) => {
    const { code, out } = await audit(...argv);
    expect([shown(out), code]).toEqual([ids, ids.length > 0 ? 1 : 0]);
    expect(out).toMatch(/^Skipped AMI-100/m);
    expect(out).toMatch(/, \d skipped\n$/);
  });

  it('always, by the configuration', async () => {
    shell.env['IPCOUNTRY_AUDIT_SKIP'] = 'AMI-100, AMI-120';
    const { out } = await audit();
    expect(shown(out)).toEqual(['AMI-110']);
  });

  it.each([
    [['--skip', 'AMI-101'], "'AMI-101' is no check; did you mean AMI-100 or AMI-110 or AMI-120?"],
    [['--only', 'AIM'], "'AIM' is no check; did you mean AMI?"],
  ])('but not with %j', async (argv, message) => {
    const { code, out, err } = await audit(...argv);
    expect([code, out]).toEqual([2, '']);
    expect(err).toBe(`ipcountry: ${message} ('ipcountry audit --list' shows them all)\n`);
  });

  it('nor with a mistake in the configuration', async () => {
    shell.env['IPCOUNTRY_AUDIT_SKIP'] = 'AMI-101';
    const { code, err } = await audit();
    expect([code, err]).toEqual([2, expect.stringContaining("'AMI-101' is no check")]);
  });
});

describe('compared with the last run', () => {
  beforeEach(() => {
    makeDatabase();
    sample('AMI-110/bad');
  });
  const differences = (json: {
    last: unknown;
    checks: { findings: { new: boolean; where: string }[] }[];
  }) =>
    json.checks
      .flatMap(({ findings }) => findings.filter((finding) => finding.new))
      .map(({ where }) => where);

  it('what is new and what is mended is told', async () => {
    expect((await audit()).out).not.toContain('Since');
    const before = readFileSync(at('manager.conf'), 'utf8');
    const after = `; one line more\n${before.replace('secret = amp111', 'secret = 9f86d081884c7d659a2feaa0c55ad015')}`;
    writeFileSync(at('manager.conf'), `${after}\n[late]\nsecret=late\n`);
    const { code, out } = await audit();
    expect(code).toBe(1);
    expect(out).toContain("manager.conf:30 [late]: the secret is the account's own name (new)\n");
    expect(out.match(/\(.*new\)/g)).toHaveLength(2); // AMI-120 finds it, too
    expect(out).toMatch(
      /^Since the last run, \d{4}-\d\d-\d\d \d\d:\d\d:\d\d: 2 new, 1 mended\n {2}mended AMI-110 Manager accounts with weak secrets: manager\.conf:6 \[admin\]$/m,
    );
    const third = (await audit('--json')).json;
    expect(differences(third)).toEqual([]);
    expect(third.last).toEqual({ at: expect.stringMatching(/^\d{4}-.*Z$/), mended: [] });
  });

  it('with --no-save the run is not what the next one is compared with', async () => {
    await audit('--no-save');
    expect((await audit('--no-save', '--json')).json.last).toBeNull();
    await audit();
    appendFileSync(at('manager.conf'), '\n[late]\nsecret=late\n');
    for (const _ of [1, 2]) {
      const { json } = await audit('--json', '--no-save');
      expect(differences(json)).toHaveLength(2);
    }
  });

  it('checks that were skipped are neither new nor mended afterwards', async () => {
    await audit();
    expect((await audit('--skip', 'AMI-110')).out).toContain(': 0 new, 0 mended\n');
    expect(differences((await audit('--json')).json)).toEqual([]);
  });

  it('only of the same folder', async () => {
    await audit();
    const other = join(shell.folder, 'other');
    cpSync(folder, other, { recursive: true });
    const { json } = await shell('audit', '--offline', '--config-folder', other, '--json');
    expect(json.last).toBeNull();
    expect((await audit('--json')).json.last).not.toBeNull();
  });
});

describe('nothing is changed', () => {
  const database = () => shell.env['IPCOUNTRY_DATABASE_PATH']!;

  it('in the folder', async () => {
    sample('AMI-100/bad-freepbx');
    const state = () =>
      readdirSync(folder).map((name) => [
        name,
        statSync(at(name)).mtimeMs,
        readFileSync(at(name), 'utf8'),
      ]);
    const before = state();
    await audit();
    expect(state()).toEqual(before);
  });

  it('and no database is made', async () => {
    sample('AMI-100/good');
    const { code, err } = await audit();
    expect([code, err]).toEqual([
      0,
      `not kept for the next run to compare with: there is no database (${database()})\n`,
    ]);
    expect(existsSync(database())).toBe(false);
    expect((await audit('--no-save')).err).toBe('');
  });

  it('in the database, with --no-save', async () => {
    sample('AMI-100/bad');
    makeDatabase();
    const before = readFileSync(database());
    await audit('--no-save');
    expect(readFileSync(database()).equals(before)).toBe(true);
  });

  it('in a database that can not be read, and the rest is looked at all the same', async () => {
    sample('AMI-100/bad');
    writeFileSync(database(), 'no database at all, '.repeat(100));
    const { code, out, err } = await audit('IPC');
    expect(code).toBe(1);
    expect(out).toContain('AMI-100');
    expect(out).toContain(
      `IPC-130 Everybody is permitted, or nobody: database ${database()}: this file is no SQLite database`,
    );
    expect(err).toMatch(
      /^not kept for the next run to compare with: database .* is no SQLite database/,
    );
    expect(readFileSync(database(), 'utf8')).toMatch(/^no database/);
  });
});

describe('what is not known is said', () => {
  it('of files that may not be read', async () => {
    sample('AMI-100/good');
    symlinkSync('http.conf', at('http.conf')); // as little to be read as one of mode 000
    writeFileSync(at('manager.conf'), '[general]\nenabled=yes\nwebenabled=yes\nbindaddr=::1\n');
    const { code, out } = await audit();
    expect(code).toBe(0);
    expect(out).toContain(
      "Not known, or not all\n  AMI-100 Manager interface open to the network: http.conf can't be read\n",
    );
    expect(out).toContain("Not read\n  http.conf can't be read (ELOOP)\n");
    expect(out).toMatch(/^ok: 5 checks found nothing in .*; 5 not known$/m);
  });

  it.each(['nowhere', 'empty', 'file'])(
    'of a folder without a configuration (%s) nothing is',
    async (name) => {
      mkdirSync(join(shell.folder, 'empty'));
      writeFileSync(join(shell.folder, 'file'), '');
      const { code, out, err } = await shell('audit', '--config-folder', join(shell.folder, name));
      expect([code, out]).toEqual([2, '']);
      expect(err).toBe(
        `ipcountry: ${join(shell.folder, name)}: there is no configuration of Asterisk that can be read here; say where it is with --config-folder, or run this as root\n`,
      );
    },
  );

  it('of an Asterisk that does not answer, and it is asked in the words given', async () => {
    sample('AMI-100/good');
    const argv = ['audit', '--config-folder', folder, '--only', 'AST-100', '--asterisk'];
    const console_ = at('console');
    writeFileSync(
      console_,
      '#!/bin/sh\n[ "$1 $2 $3" = "-C x -rx" ] && echo "Asterisk 13.38.3 built by x"\n',
      { mode: 0o755 },
    );
    const { code, out } = await shell(...argv, `${console_} -C x`);
    expect(code).toBe(1);
    expect(out).toContain('Asterisk: 13.38.3: the fixes for 13 ended on 2021-10-24');
    const silent = await shell(...argv, 'false');
    expect(silent.code).toBe(0);
    expect(silent.out).toContain("Not read\n  Asterisk can't be asked: exit code 1");
    const offline = await shell(...argv, `${console_} -C x`, '--offline');
    expect(offline.out).toContain('AST-100 Asterisk without security fixes: Asterisk does not run');
  });
});
