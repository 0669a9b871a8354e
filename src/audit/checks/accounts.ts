import { type Setting, settingOf } from '../../asterisk/index.ts';
import { type Account, accounts, insecure } from '../accounts/index.ts';
import { type Check, type Finding, placed } from '../check.ts';
import { inOne } from '../in-one.ts';
import type { Pbx } from '../pbx.ts';
import { isShut } from '../shut.ts';

const passwordless: Check = {
  id: 'SIP-140',
  severity: 'high',
  title: 'Calls are taken without the password',
  why: 'insecure=invite lets the account call without its secret. chan_sip takes a friend or user by the name in the From header alone, from any address: who guesses the name calls at your expense.',
  mend: 'Phones: take insecure out. Trunks: type=peer with host= set to the address of the provider, so that insecure=port,invite counts for that address alone. FreePBX: Connectivity → Trunks → the trunk → sip Settings → PEER Details.',
  async run(pbx) {
    return (await accounts(pbx)).flatMap((account): Finding[] => {
      const { technology, hasSecret, named, registers, open, section } = account;
      if (technology !== 'SIP' || !hasSecret || open.length === 0 || !(named || registers))
        return [];
      const setting = settingOf(section, 'insecure');
      if (!setting) return [];
      const finding = { where: whereOf(account, setting) };
      const words = insecure(section);
      if (!words.includes('invite')) {
        const very = words.includes('very');
        const found = 'insecure=very, a word of old that Asterisk ignores today';
        return very ? [{ ...finding, found, severity: 'low' }] : [];
      }
      if (!named) {
        const found = `${said(setting)}: who sends from the address of its registration calls without the secret`;
        return [{ ...finding, found, severity: 'medium' }];
      }
      const found = `${said(setting)}, type=friend or user: who says its name calls without the secret, from anywhere`;
      return [{ ...finding, found }];
    });
  },
};

const open: Check = {
  id: 'SIP-150',
  severity: 'high',
  title: 'Accounts without a password',
  why: 'Who knows the name of the account, or guesses it, registers or calls as it from anywhere, and nobody asks for anything.',
  mend: "Give the account a secret; in PJSIP an auth section, named in the endpoint's auth. A trunk of PJSIP that is told by its address: identify_by=ip in the endpoint (FreePBX: Connectivity → Trunks → the trunk → pjsip Settings → Advanced → Match Inbound Authentication: Ip).",
  async run(pbx) {
    return (await accounts(pbx)).flatMap((account): Finding[] => {
      const { technology, where, hasSecret, named, registers, role, open } = account;
      if (hasSecret || open.length === 0) return [];
      // Who calls as a user of chan_iax2 without a secret need not say a name: SIP-100.
      if (technology === 'IAX2' && named) return [];
      if (registers)
        return [{ where, found: `no ${secretWord(account)}: anybody registers as it` }];
      if (!named) return [];
      const found = `no ${secretWord(account)}: who says its name calls as it, in [${account.context}]`;
      return [role === 'trunk' ? { where, found, severity: 'medium' } : { where, found }];
    });
  },
};

const weak: Check = {
  id: 'SIP-160',
  severity: 'high',
  title: 'Accounts with weak passwords',
  why: 'Scanners try names, numbers and common words on every PBX they find, thousands in a minute. A stolen account dials premium numbers through the weekend.',
  mend: 'A random secret of 12 characters or more for each account (openssl rand -hex 12), in the phone and here. FreePBX: Extensions → the extension → Secret.',
  async run(pbx) {
    const findings = new Map<string, Finding>();
    for (const { secrets, open } of await accounts(pbx)) {
      for (const { where, weakness } of secrets) {
        if (weakness === undefined) continue;
        const found = `the secret ${weakness}`;
        const severity = open.length > 0 ? 'high' : 'medium';
        // One secret may serve many accounts, by a template or an auth.
        const line = where.replace(/ \[.*$/s, '');
        if (findings.get(line)?.severity !== 'high') findings.set(line, { where, found, severity });
      }
    }
    return [...findings.values()];
  },
};

const friend: Check = {
  id: 'SIP-170',
  severity: 'low',
  title: 'Phones of type friend',
  why: 'chan_sip takes a friend by its name from any address, so that passwords can be tried with calls as well as with registrations; a peer only from where it has registered.',
  mend: 'type=peer, where the phone registers. FreePBX: Extensions → the extension → Advanced → Type: peer.',
  async run(pbx) {
    const friends = (await accounts(pbx)).filter(
      ({ technology, named, registers, open }) =>
        technology === 'SIP' && named && registers && open.length > 0,
    );
    return inOne(friends, 'type=friend');
  },
};

const anywhere: Check = {
  id: 'SIP-180',
  severity: 'low',
  title: 'Phones that may register from anywhere',
  why: 'A password that leaks or is guessed is worth nothing where the account is tied to the networks its phone is in.',
  mend: "For each phone that does not move: deny=0.0.0.0/0, deny=::/0 and permit= its network, or an acl (FreePBX: Extensions → the extension → Advanced → Deny and Permit; with PJSIP under [1001](+) in pjsip.endpoint_custom_post.conf). For all of them at once: 'ipcountry firewall apply --level sip'.",
  async run(pbx) {
    const phones = (await accounts(pbx)).filter(
      (account) =>
        account.registers &&
        account.role === 'phone' &&
        account.open.length > 0 &&
        !isBehindFirewall(pbx, account),
    );
    return inOne(phones, 'no permit and deny that keep strangers out');
  },
};

export const checks: readonly Check[] = [passwordless, open, weak, friend, anywhere];

function isBehindFirewall({ host, own }: Pbx, { technology }: Account): boolean {
  // Files of another host say nothing of its firewall.
  const port = technology === 'IAX2' ? 4569 : 5060;
  return host !== undefined && isShut(own, { protocol: 'udp', port });
}

/** The line itself where it is the account's own, else the account, as what [general] says is meant for all. */
function whereOf({ section, where, name }: Account, setting: Setting): string {
  const own = setting.file === section.file && setting.line > section.line;
  return own ? placed(setting, name) : where;
}

function said({ name, value }: Setting): string {
  return `${name}=${value}`;
}

function secretWord({ technology }: Account): string {
  return technology === 'PJSIP' ? 'auth' : 'secret';
}
