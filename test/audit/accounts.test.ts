import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Account, accounts } from '../../src/audit/accounts/index.ts';
import { auditFiles } from '../support/audit.ts';

const root = mkdtempSync(join(tmpdir(), 'ipcountry-accounts-'));
afterAll(() => rmSync(root, { recursive: true }));

/** What is told of the accounts of these files, each in a line. */
async function told(files: Readonly<Record<string, string>>): Promise<string[]> {
  const folder = mkdtempSync(join(root, 'etc-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return (await accounts(auditFiles(folder))).map(line);
}

function line(account: Account): string {
  const { technology, where, role, context, registers, named, open, secrets } = account;
  return [
    ...[technology, where, role, context],
    registers && 'registers',
    named && 'named',
    !account.hasSecret ? 'no secret' : account.asksCalls ? 'secret' : 'secret, not for calls',
    ...secrets.map((secret) => `${secret.where} ${secret.weakness ?? 'sound'}`),
    open.length === 0 ? 'shut' : open.length < 2 && `open ${open.join()}`,
  ]
    .filter((part) => part !== false)
    .join('; ');
}

const SOUND = 'k3Xq0vJ2mZt7';

describe('chan_sip', () => {
  it('takes friends, users and peers, with what [general] says for all', async () => {
    const sip = `[general]
context=from-sip-external
insecure=invite
[authentication]
auth=a:b@c
[phone](!)
type=friend
host=dynamic
[1001](phone)
secret=1001
insecure=no
[1002](phone)
md5secret=0123456789abcdef0123456789abcdef
context=from-internal
[provider]
type=peer
host=sip.provider.example
secret=short
context=from-trunk
[nothing]
host=dynamic
[odd]
type=thing
[caller]
type=user
host=dynamic
context=office
insecure=port, invite
deny=0.0.0.0/0.0.0.0
permit=203.0.113.0/24
`;
    expect(await told({ 'sip.conf': sip })).toEqual([
      "SIP; sip.conf:9 [1001]; trunk; from-sip-external; registers; named; secret; sip.conf:10 [1001] is the account's own name; open 4",
      'SIP; sip.conf:12 [1002]; phone; from-internal; registers; named; secret, not for calls; open 4',
      'SIP; sip.conf:15 [provider]; trunk; from-trunk; secret, not for calls; open 4',
      'SIP; sip.conf:24 [caller]; phone; office; named; no secret; shut',
    ]);
  });

  it('takes the entries of users.conf that are to be its own', async () => {
    const users = `[general]\nhost=dynamic\nhassip=yes\nhasiax=no\ncontext=from-internal
[6000]\nsecret=${SOUND}\nhasiax=yes\n[6001]\nhassip=no\n[6002](!)\n`;
    expect(await told({ 'users.conf': users, 'sip.conf': '', 'iax.conf': '' })).toEqual([
      'SIP; users.conf:6 [6000]; phone; from-internal; registers; named; secret; users.conf:7 [6000] sound; open 4',
      'IAX2; users.conf:6 [6000]; phone; from-internal; registers; named; secret; users.conf:7 [6000] sound; open 4',
    ]);
  });

  it('is none where it is not loaded', async () => {
    const files = {
      'sip.conf': '[1001]\ntype=friend\nhost=dynamic\n',
      'modules.conf': '[modules]\nautoload=yes\nnoload=chan_sip.so\n',
    };
    expect(await told(files)).toEqual([]);
  });
});

describe('PJSIP', () => {
  it('joins endpoint, auth, aor and identify', async () => {
    const pjsip = `[1001]
type=aor
max_contacts=1
[1001]
type=endpoint
aors=1001
auth=1001-auth, other
context=from-internal
[1001-auth]
type=auth
username=reception
password=reception1
[other]
type=auth
auth_type=md5
md5_cred=0123456789abcdef0123456789abcdef
[empty]
type=auth
username=x
[1002]
type=endpoint
auth=empty
identify_by=ip
[provider]
type=aor
contact=sip:sip.provider.example
[provider]
type=endpoint
aors=provider
outbound_auth=other
context=from-pstn
[provider-lines]
type=identify
endpoint=provider
match=203.0.113.5
[office]
type=endpoint
context=from-internal
identify_by=header
permit=203.0.113.0/24
deny=0.0.0.0/0
deny=::/0
[office-header]
type=identify
endpoint=office
match_header=X-Office: 7
[gate]
type=endpoint
identify_by=ip
[gate-lines]
type=identify
endpoint=gate
match=203.0.113.6
[sbc]
type=endpoint
identify_by=ip
aors=sbc
[sbc]
type=aor
contact=sip:203.0.113.7
[both]
type=endpoint
identify_by=ip
aors=both
[both]
type=aor
contact=sip:203.0.113.8
max_contacts=2
[anonymous]
type=endpoint
[anonymous@example.com]
type=endpoint
`;
    expect(await told({ 'pjsip.conf': pjsip })).toEqual([
      "PJSIP; pjsip.conf:4 [1001]; phone; from-internal; registers; named; secret; pjsip.conf:12 [1001-auth] is the account's own name with little added; pjsip.conf:16 [other] sound",
      'PJSIP; pjsip.conf:20 [1002]; phone; default; secret; pjsip.conf:17 [empty] is empty',
      'PJSIP; pjsip.conf:27 [provider]; trunk; from-pstn; named; no secret',
      'PJSIP; pjsip.conf:36 [office]; phone; from-internal; named; no secret; shut',
      'PJSIP; pjsip.conf:47 [gate]; trunk; default; no secret',
      'PJSIP; pjsip.conf:54 [sbc]; trunk; default; no secret',
      'PJSIP; pjsip.conf:61 [both]; phone; default; registers; no secret',
    ]);
  });

  it.each([
    ['password=1234', 'pjsip.conf:6 [a] has 4 characters'],
    [
      'auth_type=userpass\nmd5_cred=0123456789abcdef0123456789abcdef\npassword=1234',
      'pjsip.conf:8 [a] has 4 characters',
    ],
    [
      'auth_type=md5\nmd5_cred=0123456789abcdef0123456789abcdef\npassword=1234',
      'pjsip.conf:7 [a] sound',
    ],
    ['auth_type=digest\npassword=1234', 'pjsip.conf:7 [a] has 4 characters'],
    [
      'auth_type=digest\npassword_digest=MD5:0123456789abcdef0123456789abcdef',
      'pjsip.conf:7 [a] sound',
    ],
  ])('judges the password of an auth that is one: %j', async (auth, expected) => {
    const pjsip = `[1001]\ntype=endpoint\nauth=a\n[a]\ntype=auth\n${auth}\n`;
    expect((await told({ 'pjsip.conf': pjsip })).join()).toContain(`; ${expected}`);
  });

  it('has lists that count for everybody', async () => {
    const pjsip = `[all]\ntype=acl\ndeny=::/0\n[a]\ntype=endpoint\n[b]\ntype=endpoint\nacl=nowhere\n`;
    expect(await told({ 'pjsip.conf': pjsip })).toEqual([
      'PJSIP; pjsip.conf:4 [a]; phone; default; named; no secret; open 4',
      'PJSIP; pjsip.conf:6 [b]; phone; default; named; no secret; shut',
    ]);
  });

  it('makes of a wizard what Asterisk makes of it', async () => {
    const wizard = `[phone](!)
type=wizard
accepts_registrations=yes
accepts_auth=yes
endpoint/context=from-internal
aor/max_contacts=2
[1001](phone)
inbound_auth/username=1001
inbound_auth/password=${SOUND}
[provider]
type=wizard
sends_auth=yes
sends_registrations=yes
remote_hosts=sip1.provider.example, sip2.provider.example
outbound_auth/username=us
outbound_auth/password=x
endpoint/context=from-trunk
endpoint/identify_by=ip
`;
    expect(await told({ 'pjsip_wizard.conf': wizard })).toEqual([
      'PJSIP; pjsip_wizard.conf:7 [1001]; phone; from-internal; registers; named; secret; pjsip_wizard.conf:9 [1001-iauth] sound',
      'PJSIP; pjsip_wizard.conf:10 [provider]; trunk; from-trunk; no secret',
    ]);
  });
});

describe('IAX2', () => {
  it('takes users and peers; of a peer alone nobody is taken for', async () => {
    const iax = `[general]
[callnumberlimits]
10.0.0.0/255.0.0.0 = 24
[guest]
type=user
[201]
type=friend
host=dynamic
secret=secret201
context=from-internal
[nothing]
host=dynamic
[dundi]
type=user
host=dynamic
dbsecret=dundi/secret
context=incoming
[provider]
type=peer
host=203.0.113.5
secret=x
context=from-trunk
[partner]
type=user
secret=abc
`;
    expect(await told({ 'iax.conf': iax })).toEqual([
      'IAX2; iax.conf:4 [guest]; phone; default; named; no secret; open 4',
      'IAX2; iax.conf:6 [201]; phone; from-internal; registers; named; secret; iax.conf:9 [201] is a word that everybody tries; open 4',
      'IAX2; iax.conf:13 [dundi]; trunk; incoming; named; secret; open 4',
      'IAX2; iax.conf:18 [provider]; trunk; from-trunk; secret; open 4',
      'IAX2; iax.conf:23 [partner]; phone; default; named; secret; iax.conf:25 [partner] is a word that everybody tries; open 4',
    ]);
  });
});

describe('who reaches a driver', () => {
  it.each([
    ['', 'open 4'],
    ['bindaddr=::', 'both'],
    ['bindaddr=[::]:5070', 'both'],
    ['udpbindaddr=127.0.0.1:5060', 'shut'],
    ['bindaddr=127.0.0.1\ntcpenable=yes', 'shut'],
    ['bindaddr=127.0.0.1\ntcpbindaddr=2001:db8::1', 'shut'],
    ['bindaddr=127.0.0.1\ntcpenable=yes\ntcpbindaddr=[2001:db8::1]:5060', 'open 6'],
    ['bindaddr=::1\ntlsenable=yes\ntlsbindaddr=0.0.0.0', 'open 4'],
  ])('chan_sip: %j', async (general, who) => {
    const [text] = await told({ 'sip.conf': `[general]\n${general}\n[a]\ntype=friend\n` });
    expect(/open.*|shut/.exec(text!)?.[0] ?? 'both').toBe(who);
  });

  it.each([
    ['', 'both'],
    ['[t]\ntype=transport\nbind=0.0.0.0', 'open 4'],
    ['[t]\ntype=transport\nbind=127.0.0.1:5060\n[u]\ntype=transport\nbind=[::1]', 'shut'],
    ['[t]\ntype=transport\nbind=127.0.0.1\n[u]\ntype=transport\nbind=[::]:5061', 'both'],
    ['[t]\ntype=transport\nbind=127.0.0.1\n[u]\ntype=transport\nprotocol=wss', 'open 6'],
  ])('PJSIP: %j', async (transports, who) => {
    const [text] = await told({
      'http.conf': '[general]\nenabled=yes\nbindaddr=2001:db8::1\n',
      'pjsip.conf': `${transports}\n[a]\ntype=endpoint\n`,
    });
    expect(/open.*|shut/.exec(text!)?.[0] ?? 'both').toBe(who);
  });

  it.each([
    ['', 'open 4'],
    ['bindaddr=127.0.0.1', 'shut'],
    ['bindaddr=127.0.0.1\nbindaddr=2001:db8::1', 'open 6'],
  ])('chan_iax2: %j', async (general, who) => {
    const [text] = await told({ 'iax.conf': `[general]\n${general}\n[a]\ntype=friend\n` });
    expect(/open.*|shut/.exec(text!)?.[0] ?? 'both').toBe(who);
  });
});
