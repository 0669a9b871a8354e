import type { Bind, Family } from '../bind.ts';
import type { Check } from '../check.ts';
import { httpOf } from '../http.ts';
import { type Manager, type ManagerAccount, managerOf } from '../manager.ts';
import { someOf } from '../names.ts';
import { weaknessOf } from '../secret.ts';

/** With one of these an account dials out, runs programs or rewrites the configuration. */
const POWERFUL = ['system', 'command', 'config', 'originate', 'all'];

const open: Check = {
  id: 'AMI-100',
  severity: 'medium',
  title: 'Manager interface open to the network',
  why: 'Who logs in at the manager interface can place calls and run programs. Attackers scan for its port and try passwords, and what is said there is not encrypted.',
  mend: 'In manager.conf, [general]: bindaddr=127.0.0.1 (FreePBX too: it connects over loopback). For programs on other hosts use a VPN or an SSH tunnel.',
  run(pbx) {
    const manager = managerOf(pbx);
    if (!manager) return [];
    return manager.binds.filter(isReached).map((bind) => {
      const open = manager.accounts.filter((account) => isOpen(account, bind));
      return open.length > 0
        ? {
            where: bind.where,
            found: `${listens(bind)}; strangers may log in as ${namesOf(open)}`,
            severity: 'high',
          }
        : {
            where: bind.where,
            found: `${listens(bind)}; only permit and deny of its accounts keep strangers out`,
            severity: 'low',
          };
    });
  },
};

const weak: Check = {
  id: 'AMI-110',
  severity: 'medium',
  title: 'Manager accounts with weak secrets',
  why: 'A manager account is worth more than an extension: it reads every secret, places calls to anywhere and runs programs. Weak secrets are found by trying, also from a hacked web page on this very host.',
  mend: "Give the account a random secret of 20 characters or more in manager.conf (openssl rand -hex 16), and to the program that uses it. FreePBX's own account: Settings → Advanced Settings → Asterisk Manager Password.",
  run(pbx) {
    return accountsOf(managerOf(pbx)).flatMap((account) => {
      const weakness = weaknessOf(account.secret, [account.section.name]);
      if (weakness === undefined) return [];
      const severity = account.strangers.length > 0 ? 'high' : 'medium';
      return [{ where: account.where, found: `the secret ${weakness}`, severity }];
    });
  },
};

const anybody: Check = {
  id: 'AMI-120',
  severity: 'medium',
  title: 'Manager accounts that anybody may log in to',
  why: 'The interface is reached from other hosts, and the account has no permit and deny that would keep strangers from trying its secret.',
  mend: 'In the account: deny=0.0.0.0/0.0.0.0, deny=::/0, then permit=127.0.0.1/255.255.255.255 and the hosts that need it. A permit without a deny shuts nobody out, and a deny for IPv4 no IPv6 address.',
  run(pbx) {
    return accountsOf(managerOf(pbx))
      .filter((account) => account.strangers.length > 0 && powersOf(account).length === 0)
      .map(({ where, strangers }) => ({
        where,
        found: `permit and deny let in anybody from ${familyNames(strangers)}`,
      }));
  },
};

const powerful: Check = {
  id: 'AMI-130',
  severity: 'high',
  title: 'Manager accounts with far-reaching rights that strangers can try',
  why: 'With system, command or originate a guessed secret is enough to call premium numbers or to run programs as the user of Asterisk; with config, to change any of its files.',
  mend: 'Take the rights out of write= that the program behind the account does not use (a wallboard needs none of them), and shut strangers out with permit and deny.',
  run(pbx) {
    return accountsOf(managerOf(pbx)).flatMap((account) => {
      const { where, strangers } = account;
      const some = powersOf(account);
      if (strangers.length === 0 || some.length === 0) return [];
      return [
        { where, found: `write=${some.join(',')}, open to anybody from ${familyNames(strangers)}` },
      ];
    });
  },
};

const web: Check = {
  id: 'AMI-140',
  severity: 'medium',
  title: 'Manager interface over HTTP',
  why: 'webenabled lets manager accounts log in by a URL, at a port that browsers and scanners find at once; the secret stands in the address, and without TLS everybody on the way reads it.',
  mend: 'In manager.conf, [general]: webenabled=no, unless a program needs it; then http.conf with bindaddr=127.0.0.1.',
  run(pbx) {
    if (!managerOf(pbx)?.web) return [];
    return (httpOf(pbx)?.binds ?? []).filter(isReached).map((bind) => ({
      where: bind.where,
      found: `webenabled=yes, and the HTTP server ${listens(bind)}`,
    }));
  },
};

export const checks: readonly Check[] = [open, weak, anybody, powerful, web];

function accountsOf(manager: Manager | undefined): readonly ManagerAccount[] {
  return manager?.accounts ?? [];
}

function powersOf({ rights }: ManagerAccount): string[] {
  return rights.write.filter((right) => POWERFUL.includes(right));
}

function isReached({ families }: Bind): boolean {
  return families.length > 0;
}

function isOpen({ strangers }: ManagerAccount, { families }: Bind): boolean {
  return strangers.some((family) => families.includes(family));
}

function listens({ address, port }: Bind): string {
  return `listens on ${address}, port ${port}`;
}

function namesOf(accounts: readonly ManagerAccount[]): string {
  return someOf(accounts.map(({ section }) => section.name));
}

function familyNames(families: readonly Family[]): string {
  return families.map((family) => `IPv${family}`).join(' and ');
}
