import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dialplanText } from '../../src/dialplan/index.ts';
import { openShell, type Shell } from '../support/cli.ts';

let shell: Shell;
let folder: string;
const at = (name: string) => join(folder, name);
const read = (name: string) => readFileSync(at(name), 'latin1');
const override = 'extensions_override_freepbx.conf';

beforeEach(() => {
  shell = openShell();
  folder = join(shell.folder, 'asterisk');
  mkdirSync(folder);
});
afterEach(() => shell.remove());

describe('dialplan print', () => {
  it("prints the dialplan with the server's address", async () => {
    const { code, out } = await shell(
      'dialplan',
      'print',
      'freepbx',
      '--host',
      '::1',
      '--port',
      '99',
    );
    expect(code).toBe(0);
    expect(out).toBe(dialplanText('freepbx', '[::1]:99'));
  });

  it('takes the address from the configuration', async () => {
    shell.env['IPCOUNTRY_AGI_PORT'] = '14573';
    const { json } = await shell('dialplan', 'print', 'plain', '--json');
    expect(json).toEqual({ kind: 'plain', text: dialplanText('plain', '127.0.0.1:14573') });
  });

  it.each([
    [['print', 'freepbxx'], "'freepbxx' is no kind of dialplan: there are freepbx and plain"],
    [['print', 'plain', '--port', '0'], "'0' is no port: write a number from 1 to 65535"],
    [['print', 'plain', '--port', '4573x'], "'4573x' is no port: write a number from 1 to 65535"],
    [
      ['print', 'plain', '--host', 'a b'],
      "'a b' is no host: write the address or name under which Asterisk reaches the server",
    ],
  ])('%j is refused', async (argv, message) => {
    const { code, err } = await shell('dialplan', ...argv);
    expect([code, err]).toEqual([2, `ipcountry: ${message}\n`]);
  });
});

describe('dialplan install for FreePBX', () => {
  const install = (...more: string[]) =>
    shell('dialplan', 'install', 'freepbx', '--file', at(override), ...more);
  const before = '; M\xfcller\r\n[from-internal-xfer]\nexten => 1,1,NoOp\n';

  it('writes between markers, keeps a backup, owner and mode, and says what to do next', async () => {
    writeFileSync(at(override), before, 'latin1');
    chmodSync(at(override), 0o640);
    const { code, out } = await install();
    expect(code).toBe(0);
    const [first, second] = out.split('\n');
    expect(first).toMatch(new RegExp(`^${at(override)}: changed \\(backup: (.+)\\)$`));
    expect(second).toBe('now run: asterisk -rx "dialplan reload"');
    const text = read(override);
    const ours = Buffer.from(dialplanText('freepbx', '127.0.0.1:4573')).toString('latin1');
    expect(text).toContain(`\n${ours}; END ipcountry\n`);
    expect(text.endsWith(`; END ipcountry\n${before}`)).toBe(true);
    expect(statSync(at(override)).mode & 0o777).toBe(0o640);
    const [backup, ...others] = readdirSync(folder).filter((name) => name !== override);
    expect(others).toEqual([]);
    expect(backup).toMatch(/^extensions_override_freepbx\.conf\.\d{8}-\d{6}$/);
    expect(read(backup!)).toBe(before);
    expect(statSync(at(backup!)).mode & 0o777).toBe(0o640);
  });

  it('does nothing the second time', async () => {
    await install();
    const old = new Date(1_700_000_000_000);
    utimesSync(at(override), old, old);
    const { code, out } = await install();
    expect([code, out]).toEqual([0, `${at(override)}: already up to date\n`]);
    expect(readdirSync(folder)).toEqual([override]);
    expect(statSync(at(override)).mtime).toEqual(old);
  });

  it('replaces what an earlier version or another address wrote', async () => {
    writeFileSync(at(override), before, 'latin1');
    await install('--port', '99');
    expect(read(override)).toContain('IPCOUNTRY_AGI=127.0.0.1:99\n');
    const { json } = await install('--json');
    expect(json).toEqual({
      edits: [{ file: at(override), change: 'changed', backup: expect.stringContaining(override) }],
      dryRun: false,
      reloaded: false,
    });
    expect(read(override)).not.toContain('127.0.0.1:99');
    expect(read(override).match(/BEGIN ipcountry/g)).toHaveLength(1);
    expect(readdirSync(folder)).toHaveLength(3); // two backups, also within one second
  });

  it('shows with --dry-run what it would do, and does nothing', async () => {
    const { code, out } = await install('--dry-run');
    expect([code, out]).toEqual([0, `${at(override)}: would be created\n`]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('follows a symbolic link to the file itself', async () => {
    writeFileSync(at('real.conf'), before, 'latin1');
    symlinkSync('real.conf', at(override));
    await install();
    expect(read('real.conf')).toContain('BEGIN ipcountry');
    expect(readFileSync(at(override), 'latin1')).toBe(read('real.conf'));
  });

  it('refuses a context of the same name that somebody made by hand, unless told', async () => {
    writeFileSync(at(override), '\n[from-sip-external] ; mine\nexten => _.,1,Hangup\n');
    const { code, err } = await install();
    expect([code, err]).toEqual([
      2,
      `ipcountry: ${at(override)} line 2: [from-sip-external] is defined here already, and Asterisk would mix it with ours; take it out, or insist with --force\n`,
    ]);
    expect(readdirSync(folder)).toEqual([override]);
    expect((await install('--force')).code).toBe(0);
    expect(read(override)).toContain('BEGIN ipcountry');
  });

  it('refuses damaged markers, and changes nothing', async () => {
    writeFileSync(at(override), 'x\n; BEGIN ipcountry\n');
    const { code, err } = await install('--force');
    expect(code).toBe(2);
    expect(err).toContain(`${at(override)} line 2: the markers of ipcountry are damaged`);
    expect(read(override)).toBe('x\n; BEGIN ipcountry\n');
  });

  it('says plainly that it may not write', async () => {
    folder = join(folder, 'nowhere');
    const { code, err } = await install();
    expect(code).toBe(2);
    expect(err).toMatch(/extensions_override_freepbx\.conf: can't be written \(ENOENT\)/);
  });

  it('can be undone', async () => {
    writeFileSync(at(override), before, 'latin1');
    await install();
    const argv = ['dialplan', 'remove', 'freepbx', '--file', at(override)];
    const { code, out } = await shell(...argv);
    expect(code).toBe(0);
    expect(out).toContain('now run: asterisk -rx "dialplan reload"');
    expect(read(override)).toBe(before);
    const again = await shell(...argv);
    expect([again.code, again.out]).toEqual([0, `${at(override)}: nothing of ipcountry in it\n`]);
  });
});

describe('dialplan install for plain Asterisk', () => {
  const main = 'extensions.conf';
  const before = '[general]\nstatic=yes\n[default]\nexten => 1,1,NoOp\n';
  const plain = (verb: string, ...more: string[]) =>
    shell('dialplan', verb, 'plain', '--file', at(main), ...more);

  it('writes a file of its own and includes it', async () => {
    writeFileSync(at(main), before);
    chmodSync(at(main), 0o640);
    const { code, out } = await plain('install');
    expect(code).toBe(0);
    expect(out).toContain(`${at('ipcountry.conf')}: created\n`);
    expect(read('ipcountry.conf')).toContain('[ipcountry-blacklist-check]');
    expect(statSync(at('ipcountry.conf')).mode & 0o777).toBe(0o640);
    expect(read(main)).toMatch(
      /^; BEGIN ipcountry .*\n#include ipcountry\.conf\n; END ipcountry\n\[general\]\n/,
    );
    expect((await plain('install')).out).toBe(`${at(main)}: already up to date\n`);
  });

  it('leaves an #include alone that somebody wrote by hand', async () => {
    writeFileSync(at(main), `${before}#include "ipcountry.conf"\n`);
    await plain('install');
    expect(read(main)).toBe(`${before}#include "ipcountry.conf"\n`);
    expect(existsSync(at('ipcountry.conf'))).toBe(true);
  });

  it('refuses contexts of ours in extensions.conf', async () => {
    writeFileSync(at(main), `${before}#include ipcountry.conf\n[ipcountry-ask]\n`);
    const { code, err } = await plain('install');
    expect(code).toBe(2);
    expect(err).toContain('line 6: [ipcountry-ask] is defined here already');
    expect(existsSync(at('ipcountry.conf'))).toBe(false);
  });

  it('asks where extensions.conf is where there is none', async () => {
    const { code, err } = await plain('install');
    expect(code).toBe(2);
    expect(err).toContain('extensions.conf: not found; is Asterisk on this host?');
  });

  it('can be undone, without a trace but the backups', async () => {
    writeFileSync(at(main), before);
    await plain('install');
    const { json } = await plain('remove', '--json');
    expect(json.edits.map(({ change }: { change: string }) => change)).toEqual([
      'changed',
      'deleted',
    ]);
    expect(read(main)).toBe(before);
    expect(existsSync(at('ipcountry.conf'))).toBe(false);
  });
});

describe('dialplan check', () => {
  /** A console that prints what the real one prints; the real one is asked in test/asterisk. */
  function console_(globals: Record<string, string>, contexts: Record<string, string[]>): string {
    const program = at('console');
    const cases = Object.entries(contexts).map(
      ([name, lines]) =>
        `"dialplan show ${name}") cat <<'X'\n[ Context '${name}' created by 'pbx_config' ]\n${lines.join('\n')}\nX\n;;`,
    );
    const set = Object.entries(globals).map(([name, value]) => `   ${name}=${value}`);
    writeFileSync(
      program,
      `#!/bin/sh\n[ "$1 $2" = "-C x" ] && [ "$3" = -rx ] || exit 9\ncase "$4" in\n${cases.join('\n')}\n"dialplan show globals") cat <<'X'\n${set.join('\n')}\nX\n;;\nesac\n`,
      { mode: 0o755 },
    );
    return `${program} -C x`;
  }

  it('says what is missing, and ends with 1', async () => {
    const asterisk = console_({ IPCOUNTRY_AGI: '127.0.0.1:1' }, {});
    const { code, out } = await shell('dialplan', 'check', 'plain', '--asterisk', asterisk);
    expect(code).toBe(1);
    expect(out).toContain('missing: [ipcountry-external]: ');
    expect(out).toContain(
      'different: [globals] IPCOUNTRY_AGI: Asterisk has 127.0.0.1:1; we wrote 127.0.0.1:4573',
    );
    const { json } = await shell('dialplan', 'check', 'plain', '--asterisk', asterisk, '--json');
    expect(json).toMatchObject({
      ok: false,
      kind: 'plain',
      globals: { IPCOUNTRY_AGI: '127.0.0.1:1' },
    });
    expect(json.findings).toContainEqual({
      kind: 'missing',
      where: '[ipcountry-refuse]',
      wanted: expect.stringMatching(/^\d+ priorities$/),
      found: '',
      from: '',
      harmless: false,
    });
  });

  it.each<[string, () => string, RegExp]>([
    [
      'a program that is not there',
      () => at('no-asterisk'),
      /'.*no-asterisk' can't be run \(ENOENT\)/,
    ],
    ['one that fails', () => 'false', /Asterisk can't be asked: exit code 1/],
    [
      'one that is not running',
      () => {
        const program = at('down');
        const words = 'Unable to connect to remote asterisk (does asterisk.ctl exist?)';
        writeFileSync(program, `#!/bin/sh\necho '${words}' >&2\nexit 1\n`, { mode: 0o755 });
        return program;
      },
      /Asterisk can't be asked: Unable to connect to remote asterisk/,
    ],
  ])('ends with 2 for %s', async (_, program, message) => {
    const { code, out, err } = await shell('dialplan', 'check', 'plain', '--asterisk', program());
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(message);
  });

  it('gives its words to no shell', async () => {
    const file = at('made-by-a-shell');
    await shell('dialplan', 'check', 'plain', '--asterisk', `true; touch ${file}`);
    await shell('dialplan', 'check', 'plain', '--asterisk', `$(touch ${file})`);
    expect(existsSync(file)).toBe(false);
  });
});
