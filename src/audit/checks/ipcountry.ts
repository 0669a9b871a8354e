import { join } from 'node:path';
import type { Check, Finding } from '../check.ts';
import { directoryOf } from '../directory.ts';
import { managerOf } from '../manager.ts';
import type { Pbx } from '../pbx.ts';

const DAY = 86_400_000;
/** Country data is made anew each month. */
const OLD_DATA = 60 * DAY;
const OLD_BACKUP = 30 * DAY;
/** Long enough to see a month's callers. */
const LONG_TRIAL = 30 * DAY;

const data: Check = {
  id: 'IPC-100',
  severity: 'medium',
  title: 'Country data old, or a sample only',
  why: 'Networks change hands each month. With old data strangers come in from networks that were moved, and your own callers are refused.',
  mend: "Set country.source (dbip needs no account), then 'ipcountry country update'; the server then looks for new data each night.",
  run({ own, now }) {
    const { builtAt, sample } = own.country;
    if (sample) return [{ where: 'country data', found: 'only the small built-in sample' }];
    const days = Math.floor((now - builtAt.getTime()) / DAY);
    if (now - builtAt.getTime() <= OLD_DATA) return [];
    return [
      { where: 'country data', found: `${days} days old`, severity: days > 365 ? 'medium' : 'low' },
    ];
  },
};

const backup: Check = {
  id: 'IPC-110',
  severity: 'low',
  title: 'No recent backup',
  why: 'After a break-in, or a disk that died, the PBX must be set up anew from something that is known to be good.',
  mend: "'ipcountry backup' from cron, and the file kept on another machine. FreePBX: Admin → Backup & Restore. If yours are made in another way, skip this check.",
  run(pbx) {
    const { own, now } = pbx;
    const times = [own.backupAt ?? [], freepbxBackups(pbx)].flat();
    if (times.length === 0) return [{ where: 'backup', found: 'none is known' }];
    const age = now - Math.max(...times);
    if (age <= OLD_BACKUP) return [];
    return [{ where: 'backup', found: `the last one is ${Math.floor(age / DAY)} days old` }];
  },
};

const monitor: Check = {
  id: 'IPC-120',
  severity: 'low',
  title: 'Monitor mode for long',
  why: 'In monitor mode strangers are written down and let in all the same. It is meant for the first weeks.',
  mend: "'ipcountry calls --strangers' shows who would be refused; then 'ipcountry mode enforce'.",
  run({ own, now }) {
    const { monitorSince } = own;
    if (monitorSince === undefined || now - monitorSince <= LONG_TRIAL) return [];
    return [{ where: 'mode', found: `monitor for ${Math.floor((now - monitorSince) / DAY)} days` }];
  },
};

const permitted: Check = {
  id: 'IPC-130',
  severity: 'medium',
  title: 'Everybody is permitted, or nobody',
  why: 'With a rule for the whole Internet nobody is a stranger any more. With none at all every call from outside is refused.',
  mend: "'ipcountry list' shows the rules; permit the countries, networks and providers that do call you, and remove the rule for all ('ipcountry remove permit 0.0.0.0/0').",
  run({ own }): Finding[] {
    const { permit } = own;
    if (!permit) return [];
    if (permit.rules === 0)
      return [{ where: 'permit', found: 'no rule permits anybody', severity: 'low' }];
    return permit.everyone.map((rule) => ({
      where: rule,
      found: 'lets in half the Internet or more',
    }));
  },
};

/** What the guard does with its account; see docs/guard.md. */
const NEEDED = { read: ['system', 'security'], write: ['system', 'command', 'reporting'] } as const;

const account: Check = {
  id: 'IPC-140',
  severity: 'low',
  title: 'Manager account of ipcountry with more rights than it needs',
  why: 'The secret of this account stands in a second file. What it may not do, nobody does with it who reads that.',
  mend: 'In the account in manager.conf: read=system,security and write=system,command,reporting.',
  run(pbx) {
    const own = managerOf(pbx)?.accounts.find(({ section }) => section.name === pbx.own.amiUser);
    if (!own) return [];
    return (['read', 'write'] as const).flatMap((way) => {
      const needed: readonly string[] = NEEDED[way];
      const more = own.rights[way].filter((right) => !needed.includes(right));
      return more.length > 0
        ? [{ where: own.where, found: `${way}=… ${more.join(',')} is not needed` }]
        : [];
    });
  },
};

export const checks: readonly Check[] = [data, backup, monitor, permitted, account];

/** FreePBX's own backups: SPOOL/backup/JOB/….tar.gz. @returns when each was made */
function freepbxBackups(pbx: Pbx): number[] {
  const { host } = pbx;
  if (!host) return [];
  const folder = join(directoryOf(pbx, 'astspooldir', '/var/spool/asterisk'), 'backup');
  return host.list(folder).flatMap((job) =>
    host
      .list(join(folder, job))
      .filter((name) => /\.(tar\.gz|tgz)$/.test(name))
      .flatMap((name) => host.facts(join(folder, job, name))?.modifiedAt ?? []),
  );
}
