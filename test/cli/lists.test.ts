import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/database/index.ts';
import { openShell, type Shell } from '../support/cli.ts';

let shell: Shell;
beforeEach(() => {
  shell = openShell();
});
afterEach(() => shell.remove());

describe('extension', () => {
  it('adds, shows and removes', async () => {
    const added = await shell('extension', 'add', 'Weather', '--goto', 'from-internal,947,1');
    expect([added.code, added.out]).toEqual([
      0,
      'Weather can be dialled by every caller who may come in; it leads to goto,from-internal,947,1\n',
    ]);
    const dial = ['--dial', 'Local/951@from-internal', '--note', 'reception', '--json'];
    expect((await shell('extension', 'add', '951', ...dial)).json).toEqual({
      added: '951',
      route: 'dial,Local/951@from-internal',
    });
    expect((await shell('extension', 'list', '--json')).json).toMatchObject([
      { name: '951', route: 'dial,Local/951@from-internal', note: 'reception' },
      { name: 'weather', route: 'goto,from-internal,947,1' },
    ]);
    expect((await shell('extension', 'list')).out).toMatch(/^weather +goto,from-internal,947,1/m);
    expect((await shell('extension', 'remove', 'WEATHER')).code).toBe(0);
    expect((await shell('extension', 'list', '--json')).json).toHaveLength(1);
  });

  it('shows an unsound route that somebody wrote into the table', async () => {
    const database = openDatabase(shell.env['IPCOUNTRY_DATABASE_PATH']!);
    database.prepare("INSERT INTO extension VALUES ('x', 'dial,SIP/1&SIP/2', '', 'hand', 0)").run();
    database.close();
    expect((await shell('extension', 'list')).out).toContain('(unsound, treated as unlisted)');
  });

  it.each([
    [['add', 'x'], 'say where the extension leads'],
    [['add', 'x', '--goto', 'a,b,1', '--dial', 'SIP/1'], 'say where the extension leads'],
    [['add', 'x', '--goto', 'from-internal,947'], "'from-internal,947' is no destination"],
    [['add', 'x', '--dial', 'SIP/1&SIP/2'], "'SIP/1&SIP/2' is no single device"],
    [['add', 'a b', '--dial', 'SIP/1'], "'a b' can't be an extension"],
    [['remove', 'x'], "nothing removed: 'x' is not on the whitelist"],
  ])('%j is refused', async (argv, message) => {
    const { code, err } = await shell('extension', ...argv);
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect((await shell('extension', 'list', '--json')).json).toEqual([]);
  });
});

describe('domain', () => {
  it('adds, shows and removes, and says what that means', async () => {
    const { code, out } = await shell('domain', 'add', 'SIP.example.com.', '--note', 'public');
    expect([code, out]).toEqual([0, 'sip.example.com added: external calls must name it alone\n']);
    expect((await shell('domain', 'add', 'b.example.com', '--json')).json).toEqual({
      added: 'b.example.com',
      domains: 2,
    });
    expect((await shell('domain', 'list', '--json')).json).toMatchObject([
      { name: 'b.example.com' },
      { name: 'sip.example.com', note: 'public' },
    ]);
    await shell('domain', 'remove', 'b.example.com');
    expect((await shell('domain', 'remove', 'sip.example.com')).out).toContain(
      'external calls may now name any domain',
    );
    expect((await shell('domain', 'list')).out).toBe('no domains: external calls may name any\n');
  });

  it.each([
    [['add', 'sip:example.com'], "'sip:example.com' is no domain"],
    [['add', 'a b'], "'a b' is no domain"],
    [['remove', 'x.example.com'], "'x.example.com' is no domain of ours"],
  ])('%j is refused', async (argv, message) => {
    const { code, err } = await shell('domain', ...argv);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });
});

describe('scanner', () => {
  it('adds, shows and removes', async () => {
    expect((await shell('scanner', 'add', 'EvilPhone', '--note', 'seen')).code).toBe(0);
    const { json } = await shell('scanner', 'list', '--json');
    expect(json).toHaveLength(14);
    expect(json).toContainEqual(expect.objectContaining({ name: 'evilphone', note: 'seen' }));
    expect((await shell('scanner', 'remove', 'eyeBeam')).code).toBe(0);
    expect((await shell('scanner', 'list')).out).not.toContain('eyebeam');
  });

  it.each([
    [['add', ' a '], "' a ' is too short"],
    [['remove', 'nothing'], "'nothing' is no scanner pattern"],
  ])('%j is refused', async (argv, message) => {
    const { code, err } = await shell('scanner', ...argv);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });
});
