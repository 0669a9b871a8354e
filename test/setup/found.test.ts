import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { findAsterisk } from '../../src/setup/find-asterisk.ts';
import { type FoundManager, findManager } from '../../src/setup/find-manager.ts';
import { managerEdit, managerHost } from '../../src/setup/manager-account.ts';
import { offeredDomains, offeredExtensions } from '../../src/setup/offers.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ipcountry-etc-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const put = (name: string, text: string) => writeFileSync(join(folder, name), text);
const CONFIG = loadConfig('/dev/null', {});
const manager = () => findManager(folder, CONFIG);

describe('the manager interface', () => {
  it('is off where nothing says that it is on', async () => {
    expect(await manager()).toMatchObject({ enabled: false, general: false, works: false });
    put('manager.conf', '[general]\nwebenabled=yes\n');
    expect(await manager()).toMatchObject({ enabled: false, general: true, port: 5038 });
  });

  it.each([
    ['0.0.0.0', '127.0.0.1'],
    ['::', '127.0.0.1'],
    ['', '127.0.0.1'],
    ['::1', '::1'],
    ['192.0.2.9', '192.0.2.9'],
  ])('bound to %j is reached at %s', async (bindaddr, host) => {
    put('manager.conf', `[general]\nenabled=yes\nbindaddr=${bindaddr}\nport=5039\n`);
    expect(await manager()).toMatchObject({ enabled: true, host, port: 5039 });
  });

  it("gets its account in the administrator's own file, where FreePBX writes the other", async () => {
    put('manager.conf', '[general]\nenabled=yes\n#include manager_custom.conf\n');
    put('manager_custom.conf', '; mine\n');
    expect((await manager()).file).toBe(join(folder, 'manager_custom.conf'));
    put('manager.conf', '[general]\nenabled=yes\n');
    expect((await manager()).file).toBe(join(folder, 'manager.conf'));
  });

  it('has no account that somebody else wrote', async () => {
    put('manager.conf', '[general]\nenabled=yes\n#include more.conf\n');
    put('more.conf', '\n[ipcountry]\nsecret=theirs\n');
    const found = await manager();
    expect(found.foreign).toMatchObject({ file: 'more.conf', line: 2 });
    expect(() => managerEdit(found, 'ipcountry', 'x')).toThrow(
      'more.conf line 2: there is an account [ipcountry] already',
    );
  });
});

describe('the account', () => {
  const ON: FoundManager = {
    ...{ works: false, enabled: true, general: true, port: 5038, foreign: undefined },
    ...{ host: '127.0.0.1', file: '' },
  };
  const account = (found: Partial<FoundManager>, secret = 'abc') =>
    managerEdit({ ...ON, file: join(folder, 'manager.conf'), ...found }, 'ipcountry', secret);

  it('has just the needed classes, for this host alone', () => {
    put('manager.conf', '[general]\nenabled=yes\n');
    expect(account({}).after).toBe(`[general]
enabled=yes
; BEGIN ipcountry (written by 'ipcountry setup': changes here are lost)
[ipcountry]
secret = abc
deny = 0.0.0.0/0.0.0.0
deny = ::/0
permit = 127.0.0.0/255.0.0.0
permit = ::1/128
read = system,security
write = system,command,reporting
; END ipcountry
`);
    expect(account({ host: '192.0.2.9' }).after).toContain('permit = 192.0.2.9/255.255.255.255\n');
    expect(account({ host: '2001:db8::9' }).after).toContain('permit = 2001:db8::9/128\n');
  });

  it('switches the interface on for this host alone, and is still on when it is written anew', async () => {
    const text = '[general]\nenabled=no\nbindaddr=192.0.2.9\n[other]\nsecret=x\n';
    put('manager.conf', text);
    const first = managerEdit(await manager(), 'ipcountry', 'abc');
    expect(managerHost(await manager())).toBe('127.0.0.1');
    expect(first.after).toContain(
      '[general](+)\n; The manager interface was off: on, but for this host alone.\nenabled = yes\nbindaddr = 127.0.0.1\n',
    );
    put('manager.conf', first.after!);
    const again = managerEdit(await manager(), 'ipcountry', 'def');
    expect(again.after).toBe(first.after!.replace('abc', 'def'));
    expect(managerHost(await manager())).toBe('127.0.0.1');
  });

  it('makes a file with a section where there is none', async () => {
    expect(managerEdit(await manager(), 'ipcountry', 'abc').after).toMatch(
      /^; BEGIN .*\n\[general\]\n.*\nenabled = yes\n/,
    );
  });
});

describe('an Asterisk that does not run', () => {
  it('is known by its files and its program', async () => {
    put('modules.conf', '[modules]\nautoload=no\nload = chan_pjsip.so\nnoload=chan_sip.so\n');
    put('asterisk', '#!/bin/sh\n[ "$*" = -V ] && echo Asterisk certified/18.9-cert5 || exit 1\n');
    chmodSync(join(folder, 'asterisk'), 0o755);
    const found = await findAsterisk(join(folder, 'asterisk'), folder);
    expect(found).toMatchObject({ version: '18.9-cert5', drivers: ['PJSIP'], kind: 'plain' });
    expect(found.silent?.message).toContain("Asterisk can't be asked");
    put('extensions_override_freepbx.conf', '');
    expect(await findAsterisk(join(folder, 'asterisk'), folder)).toMatchObject({ kind: 'freepbx' });
  });

  it('is none where there is no configuration', async () => {
    await expect(findAsterisk('/nowhere/asterisk', '/nowhere')).rejects.toThrow(
      "'/nowhere/asterisk' can't be run (ENOENT)",
    );
  });
});

/** As Asterisk 22's console prints it. */
const SHOWN: Record<string, string> = {
  'dialplan show from-internal': `[ Context 'from-internal' created by 'pbx_config' ]
  'h' =>            1. Macro(hangupcall)                          [extensions_additional.conf:9]
  Include =>        'ext-local'                                   [pbx_config]
  Include =>        'late,9:00-17:00,mon-fri,*,*'                 [pbx_config]

-= 1 extension (1 priority) in 1 context. =-
`,
  'dialplan show ext-local': `[ Context 'ext-local' created by 'pbx_config' ]
  '100' =>          1. Gosub(ext-local,s,1)                       [extensions_additional.conf:5]
  '947' =>          hint: Custom:DND947                           [extensions_additional.conf:6]
                    1. Goto(weather,1)                            [extensions_additional.conf:7]
  '99' =>           1. NoOp()                                     [extensions_additional.conf:8]
  '*97' =>          1. NoOp()                                     [extensions_additional.conf:8]
  'vmu947' =>       1. NoOp()                                     [extensions_additional.conf:8]
  'weather' =>      1. NoOp()                                     [extensions_additional.conf:8]
  '_9XXX' =>        1. Dial(PJSIP/trunk/\${EXTEN})                 [extensions_additional.conf:8]
  Include =>        'from-internal'                               [pbx_config]
`,
  'dialplan show late': `[ Context 'late' created by 'pbx_config' ]
  '300' =>          1. NoOp()                                     [extensions_additional.conf:8]
`,
  'database show AMPUSER': `/AMPUSER/947/cidname                              : Weather line
/AMPUSER/947/device                               : 947
1 results found.
`,
};
const ask = async (command: string) => SHOWN[command] ?? '';

describe('extensions that are offered', () => {
  const asterisk = (kind: 'freepbx' | 'plain') => ({
    ...{ console: 'asterisk', version: '22', silent: undefined, drivers: [], kind, folder },
  });

  it("are FreePBX's own numbers with their names, wherever from-internal finds them", async () => {
    expect(await offeredExtensions(asterisk('freepbx'), ask)).toEqual([
      { name: '99', context: 'from-internal', owner: '' },
      { name: '100', context: 'from-internal', owner: '' },
      { name: '300', context: 'from-internal', owner: '' },
      { name: '947', context: 'from-internal', owner: 'Weather line' },
    ]);
  });

  it('are what the phones of plain Asterisk may dial by its exact name', async () => {
    put(
      'pjsip.conf',
      '[a](!)\ntype=endpoint\ncontext=ext-local\n[1001](a)\n[anonymous]\ntype=endpoint\ncontext=x\n',
    );
    put('sip.conf', '[general]\ncontext=public\n[2001]\ntype=friend\ncontext=late\n');
    expect(await offeredExtensions(asterisk('plain'), ask)).toEqual([
      { name: '99', context: 'ext-local', owner: '' },
      { name: '100', context: 'ext-local', owner: '' },
      { name: '300', context: 'ext-local', owner: '' },
      { name: '947', context: 'ext-local', owner: '' },
      { name: 'weather', context: 'ext-local', owner: '' },
    ]);
  });
});

describe('host names that are offered', () => {
  it('are those that Asterisk is called by, and no addresses', async () => {
    put(
      'pjsip.conf',
      '[t]\ntype=transport\nexternal_signaling_address=PBX.example.com\n[alias.example.org]\ntype=domain_alias\ndomain=sip.example.org\n',
    );
    put(
      'sip.conf',
      '[general]\ndomain=sip.example.net,from-domain\nexternhost=192.0.2.1\ndomain=pbx.local\n',
    );
    const offered = await offeredDomains(folder);
    expect(offered).toEqual(
      expect.arrayContaining(['pbx.example.com', 'sip.example.org', 'sip.example.net']),
    );
    expect(offered).not.toContain('192.0.2.1');
    expect(offered).not.toContain('pbx.local');
  });
});
