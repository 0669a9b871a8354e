import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { CHECKS } from '../../src/audit/all.ts';
import type { Finding } from '../../src/audit/check.ts';
import { checks } from '../../src/audit/checks/ipcountry-dialplan.ts';
import { dialplanText, type Kind } from '../../src/dialplan/index.ts';
import { auditFiles, type Facts } from '../support/audit.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** What the checks find where these files are all there is: `IPC-150 dialplan: …`. */
async function findings(
  files: Readonly<Record<string, string>>,
  facts: Facts = {},
  some = checks,
): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'ipcountry-audit-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const pbx = auditFiles(folder, facts);
  const found: string[] = [];
  for (const check of some) {
    const result = await check.run(pbx);
    const list: readonly Finding[] =
      'unknown' in result ? [{ where: 'unknown', found: result.unknown }] : result;
    found.push(...list.map((one) => `${check.id} ${one.where}: ${one.found}`));
  }
  return found;
}

const ours = (kind: Kind) => dialplanText(kind, '127.0.0.1:4573');

const PLAIN = `#include ipcountry.conf
[from-outside]
exten => _.,1,Gosub(ipcountry-external,s,1)
exten => _.,2,Goto(public,s,1)
[public]
exten => s,1,Hangup()
`;

/** FreePBX's own lines, as far as ours go in front of them. */
const FREEPBX = `#include extensions_override_freepbx.conf
[from-sip-external]
exten => _X.,1,NoOp(Received incoming SIP connection from unknown peer to \${EXTEN})
exten => _X.,n,Goto(s,1)
exten => _X.,n,Hangup()
exten => s,1,Goto(from-trunk,\${DID},1)
exten => h,1,Hangup()
[app-blacklist-check]
exten => s,1,GotoIf($["\${BLACKLIST()}"="1"]?blacklisted)
exten => s,n,Set(CALLED_BLACKLIST=1)
exten => s,n,Return()
`;

describe('our own dialplan', () => {
  test('is well where it is as it was written', async () => {
    expect(await findings({ 'extensions.conf': PLAIN, 'ipcountry.conf': ours('plain') })).toEqual(
      [],
    );
    const files = {
      'extensions.conf': FREEPBX,
      'extensions_override_freepbx.conf': ours('freepbx'),
    };
    expect(await findings(files, { kind: 'freepbx' })).toEqual([]);
  });

  test('is missing', async () => {
    expect(
      await findings({ 'extensions.conf': '[from-outside]\nexten => _X.,1,Hangup()\n' }),
    ).toEqual(["IPC-150 dialplan: none of ipcountry's contexts is loaded"]);
    const files = { 'extensions.conf': FREEPBX, 'extensions_override_freepbx.conf': '' };
    expect(await findings(files, { kind: 'freepbx' })).toEqual([
      "IPC-150 dialplan: none of ipcountry's contexts is loaded",
    ]);
  });

  test('is there, and nothing leads to it', async () => {
    const text = PLAIN.replace('Gosub(ipcountry-external,s,1)', 'NoOp()');
    expect(await findings({ 'extensions.conf': text, 'ipcountry.conf': ours('plain') })).toEqual([
      'IPC-150 dialplan: loaded, but no context of yours gives calls to it',
    ]);
  });

  test('has a line of somebody else in front of it', async () => {
    const text = `[ipcountry-external]\nexten => s,1,Return()\n${PLAIN}`;
    expect(
      await findings({ 'extensions.conf': text, 'ipcountry.conf': ours('plain') }),
    ).toContainEqual(
      expect.stringMatching(
        /^IPC-160 extensions\.conf:2 \[ipcountry-external\] s,1: is Return\(\), not Set\(/,
      ),
    );
  });

  test('leaks: an extension takes calls past it', async () => {
    const more = `[from-sip-external]\nexten => _1NXX,1,Dial(PJSIP/\${EXTEN})\n`;
    const files = {
      'extensions.conf': `${FREEPBX}${more}`,
      'extensions_override_freepbx.conf': ours('freepbx'),
    };
    expect(await findings(files, { kind: 'freepbx' })).toEqual([
      `IPC-160 extensions.conf:13 [from-sip-external] _1NXX,1: Dial(PJSIP/\${EXTEN}) is not ours: calls to it are not screened`,
    ]);
  });

  test('names another server than the one there is', async () => {
    const files = { 'extensions.conf': PLAIN, 'ipcountry.conf': ours('plain') };
    expect(await findings(files, { own: { agiAddress: '127.0.0.1:9' } })).toEqual([
      'IPC-160 [globals] IPCOUNTRY_AGI: is 127.0.0.1:4573, not 127.0.0.1:9',
    ]);
  });

  test('lets anonymous calls in where it can’t ask', async () => {
    const text = `${PLAIN}[globals]\nIPCOUNTRY_EXTERNAL_FAILURE=allow\n`;
    expect(await findings({ 'extensions.conf': text, 'ipcountry.conf': ours('plain') })).toEqual([
      'IPC-170 [globals] IPCOUNTRY_EXTERNAL_FAILURE: is allow',
    ]);
  });

  test('is not known where no dialplan can be read', async () => {
    expect(await findings({})).toEqual(
      ['IPC-150', 'IPC-160', 'IPC-170'].map((id) => `${id} unknown: extensions.conf is not there`),
    );
  });

  test('is asked of the running Asterisk, whatever the files say', async () => {
    const asks = {
      'dialplan show':
        "[ Context 'ipcountry-ask' created by 'pbx_config' ]\n  's' =>            1. NoOp()      [x.conf:1]\n",
      'dialplan show globals': '   IPCOUNTRY_EXTERNAL_FAILURE=allow\n',
    };
    const found = await findings(
      { 'extensions.conf': PLAIN, 'ipcountry.conf': ours('plain') },
      { asks },
    );
    expect(found).toContain('IPC-150 dialplan: loaded, but no context of yours gives calls to it');
    expect(found).toContain('IPC-170 [globals] IPCOUNTRY_EXTERNAL_FAILURE: is allow');
    expect(found).toContainEqual(
      expect.stringContaining('IPC-160 [ipcountry-external]: is missing'),
    );
  });
});

describe('with our dialplan, no check of the dialplan has anything to say', () => {
  const dialplanChecks = CHECKS.filter(({ id }) => /^(DIAL|SIP-100)/.test(id));
  const ANONYMOUS = '[anonymous]\ntype=endpoint\ncontext=from-sip-external\nallow=ulaw\n';
  const TRUNK =
    '[provider]\ntype=endpoint\ncontext=from-trunk\naors=provider\n[provider]\ntype=aor\ncontact=sip:203.0.113.10\n';

  test('plain', async () => {
    const files = {
      'extensions.conf': PLAIN.replace('from-outside', 'from-sip-external'),
      'ipcountry.conf': ours('plain'),
      'pjsip.conf': ANONYMOUS,
    };
    expect(await findings(files, {}, dialplanChecks)).toEqual([]);
  });

  test.each(['yes', 'no'])('FreePBX, ALLOW_SIP_ANON=%s', async (anonymous) => {
    const files = {
      'extensions.conf': `${FREEPBX}[globals]\nALLOW_SIP_ANON=${anonymous}\n[from-trunk]\nexten => _X.,1,Gosub(app-blacklist-check,s,1())\nexten => _X.,n,GotoIf(\${LEN(\${BLDEST})}?\${BLDEST})\nexten => _X.,n,Goto(ext-local,100,1)\n`,
      'extensions_override_freepbx.conf': ours('freepbx'),
      'pjsip.conf': ANONYMOUS + TRUNK,
    };
    expect(await findings(files, { kind: 'freepbx' }, dialplanChecks)).toEqual([]);
  });
});
