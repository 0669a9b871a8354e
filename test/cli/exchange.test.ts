import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openShell, type Shell } from '../support/cli.ts';

let shell: Shell;
beforeEach(() => {
  shell = openShell();
});
afterEach(() => shell.remove());

function file(name: string, text?: string): string {
  const path = join(shell.folder, name);
  if (text !== undefined) writeFileSync(path, text);
  return path;
}

const subjects = async (list: string) =>
  (await shell('list', list, '--json')).json.map(({ subject }: { subject: string }) => subject);

describe('export', () => {
  it('prints one JSON document', async () => {
    await shell('deny', '192.0.2.1', '--note', 'scanner');
    await shell('extension', 'add', 'weather', '--goto', 'from-internal,947,1');
    await shell('domain', 'add', 'sip.example.com');
    const { code, json } = await shell('export');
    expect(code).toBe(0);
    expect(json).toMatchObject({
      ipcountry: 1,
      mode: 'enforce',
      extensions: [{ name: 'weather', route: 'goto,from-internal,947,1', note: '' }],
      domains: [{ name: 'sip.example.com', note: '' }],
    });
    expect(json.rules.at(-1)).toEqual({
      list: 'deny',
      subject: '192.0.2.1',
      note: 'scanner',
      origin: expect.stringMatching(/^cli:/),
      created: expect.stringMatching(/^\d{4}-.*Z$/),
      expires: null,
    });
  });

  it('writes a file, whole, and says what is in it', async () => {
    const path = file('out.json', 'old');
    const { code, out } = await shell('export', path);
    expect([code, out]).toEqual([
      0,
      `${path}: 8 rules, 0 extensions, 0 domains, 13 scanner patterns\n`,
    ]);
    expect(readFileSync(path, 'utf8')).toBe((await shell('export')).out);
  });

  it('says that it may not write', async () => {
    const path = join(shell.folder, 'nowhere', 'x.json');
    const { code, err } = await shell('export', path);
    expect(code).toBe(2);
    expect(err).toBe(
      `ipcountry: ${path}: can't be written (ENOENT); check that the folder exists and that you may write to it\n`,
    );
  });
});

describe('import', () => {
  it('takes what export gave', async () => {
    await shell('permit', 'US', '--note', 'home');
    await shell('mode', 'monitor');
    const exported = (await shell('export')).out;
    const path = file('x.json', exported);
    const other = openShell();
    const { code, out } = await other('import', path, '--replace');
    expect(code).toBe(0);
    expect(out.split('\n')).toEqual([
      'rules: 1 added, 8 there already',
      'scanners: 0 added, 13 there already',
      'mode: monitor',
      'permit then has 1 country rule, 8 ranges',
      '',
    ]);
    expect((await other('export')).out).toBe(exported);
    other.remove();
  });

  it('takes a plain list, as VoIP WhiteList kept it', async () => {
    const path = file('whitelist.txt', '# all trunks\n192.0.2.1 # provider\n192.0.2.1\nUS\n');
    const { code, json } = await shell('import', path, '--list', 'trust', '--json');
    expect(code).toBe(0);
    expect(json).toMatchObject({
      rules: { added: 2, already: 0, removed: 0 },
      mode: null,
      dryRun: false,
      outlook: { countries: 1, ranges: 1 },
    });
    const { json: rules } = await shell('list', 'trust', '--json');
    expect(rules).toMatchObject([
      { subject: '192.0.2.1', note: 'provider', origin: 'import' },
      { subject: 'US', note: '' },
    ]);
  });

  it('replaces one list only, where the file is for one list', async () => {
    await shell('deny', '192.0.2.9');
    await shell('trust', '192.0.2.8');
    await shell('import', '--replace', '--list', 'deny', file('x.txt', '192.0.2.7\n'));
    expect(await subjects('deny')).toEqual(['192.0.2.7']);
    expect(await subjects('trust')).toEqual(['192.0.2.8']);
    expect(await subjects('permit')).toHaveLength(8);
  });

  it('says with --dry-run what it would do, and changes nothing', async () => {
    const path = file('x.txt', 'US\n');
    const { code, out } = await shell('import', '--list', 'permit', '--dry-run', path);
    expect(code).toBe(0);
    expect(out).toBe(
      'nothing was changed; the import would give:\nrules: 1 added\npermit then has 1 country rule, 8 ranges\n',
    );
    expect(await subjects('permit')).not.toContain('US');
  });

  it('names each mistake by its line, and changes nothing', async () => {
    const path = file('x.txt', '192.0.2.1\nUK\n\n10.0.0.1/8\n');
    const { code, out, err } = await shell('import', '--list', 'deny', path);
    expect([code, out]).toEqual([2, '']);
    expect(err.split('\n')).toEqual([
      `${path}: line 2: 'UK' is no country code; did you mean GB?`,
      `${path}: line 4: '10.0.0.1/8' has bits set behind its prefix; did you mean 10.0.0.0/8?`,
      `ipcountry: ${path}: 2 mistakes; nothing was imported`,
      '',
    ]);
    expect(await subjects('deny')).toEqual([]);
  });

  it('counts the mistakes that are too many to print, and shows none of their control characters', async () => {
    const path = file('x.txt', '\u001b[2J\u202e\n'.repeat(100));
    const { code, err } = await shell('import', '--list', 'deny', path);
    expect(code).toBe(2);
    const lines = err.trimEnd().split('\n');
    expect(lines).toHaveLength(22);
    expect(lines[0]).toContain("'\\x1b[2J\\u{202e}'");
    expect(lines[20]).toBe(`${path}: and 80 mistakes more`);
    expect(err).not.toMatch(/[\u001b\u202e]/);
  });

  it('names broken JSON by its line', async () => {
    const path = file('x.json', '{"ipcountry": 1,\n"rules": [\n{"list": "deny" "subject"');
    const { code, err } = await shell('import', path);
    expect([code, err]).toEqual([
      2,
      `ipcountry: ${path} line 3: no valid JSON; nothing was imported (for a plain list of subjects say --list permit, deny or trust)\n`,
    ]);
  });

  it.each([
    [['import', '/nonexistent/x'], "/nonexistent/x: can't be read (ENOENT)"],
    [['import', '/'], "/: can't be read (EISDIR)"],
    [
      ['import', '/dev/null', '--list', 'allow'],
      "'allow' is no list: there are trust, deny and permit",
    ],
    [['import', '/dev/null'], '/dev/null line 1: no valid JSON'],
  ])('%j is refused', async (argv, message) => {
    const { code, err } = await shell(...argv);
    expect(code).toBe(2);
    expect(err).toContain(`ipcountry: ${message}`);
  });

  it('refuses to shut everyone out, unless told', async () => {
    const argv = ['import', '--replace', '--list', 'permit', file('x.txt', '# none\n')];
    const { code, err } = await shell(...argv);
    expect(code).toBe(2);
    expect(err).toMatch(/^ipcountry: refused: nothing would be permitted any more/);
    expect(await subjects('permit')).toHaveLength(8);
    expect((await shell(...argv, '--dry-run')).code).toBe(2);
    expect((await shell(...argv, '--force')).code).toBe(0);
    expect(await subjects('permit')).toEqual([]);
  });

  it("refuses to deny the administrator's own SSH session", async () => {
    shell.env['SSH_CONNECTION'] = '192.0.2.7 50000 192.0.2.1 22';
    const { code, err } = await shell('import', '--list', 'deny', file('x.txt', '192.0.2.0/24\n'));
    expect(code).toBe(2);
    expect(err).toContain("'192.0.2.0/24' covers the address that your own SSH session comes from");
    expect(await subjects('deny')).toEqual([]);
  });

  it('says which host names do not resolve now', async () => {
    const path = file('x.txt', 'grandma.example.net\n');
    const { code, err } = await shell('import', '--list', 'trust', path);
    expect(code).toBe(0);
    expect(err).toContain('note: grandma.example.net does not resolve now');
  });

  it('takes 100 000 lines', async () => {
    const lines = Array.from({ length: 100_000 }, (_, i) => {
      return `${1 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}.7 # ${i}`;
    });
    const { code, json } = await shell(
      ...['import', '--list', 'deny', '--json', file('x.txt', lines.join('\n'))],
    );
    expect(code).toBe(0);
    expect(json.rules).toEqual({ added: 100_000, already: 0, removed: 0 });
  }, 60_000);
});
