import { join } from 'node:path';
import { settingOf, truth } from '../../asterisk/index.ts';
import { branchOf, endOfLife } from '../branches.ts';
import { type Check, placed, unknown } from '../check.ts';
import { has, logChannels, syslogLevels } from '../log-channels.ts';

const DAY = 86_400_000;
/** Two years without fixes: what has been found since is in every scanner. */
const LONG = 730 * DAY;
/** An upgrade takes planning. */
const SOON = 90 * DAY;

const SILENT = unknown('Asterisk does not run, or may not be asked');
const OFFLINE = unknown('this host was not looked at (--offline)');

const outdated: Check = {
  id: 'AST-100',
  severity: 'medium',
  title: 'Asterisk without security fixes',
  why: 'A branch past its end of life gets no fixes any more, while the holes found in newer ones are public, and are tried on old ones first.',
  mend: 'Go to a branch with long-term support (20, 22). FreePBX: asterisk-version-switch, or the upgrade to FreePBX 17. Where a distribution goes on mending its own package, skip this check.',
  async run(pbx) {
    const version = /^Asterisk (\S+)/m.exec((await pbx.ask('core show version')) ?? '')?.[1];
    if (version === undefined) return SILENT;
    const branch = branchOf(version);
    const end = branch === undefined ? undefined : endOfLife(branch);
    if (end === undefined) return unknown(`nothing is known of version ${version}`);
    const day = new Date(end).toISOString().slice(0, 10);
    const left = end - pbx.now;
    if (left > SOON) return [];
    return [
      left > 0
        ? {
            where: 'Asterisk',
            found: `${version}: the fixes for ${branch} end on ${day}`,
            severity: 'low',
          }
        : {
            where: 'Asterisk',
            found: `${version}: the fixes for ${branch} ended on ${day}`,
            severity: left < -LONG ? 'high' : 'medium',
          },
    ];
  },
};

const root: Check = {
  id: 'AST-110',
  severity: 'medium',
  title: 'Asterisk runs as root',
  why: 'Whoever gets Asterisk to run a program, by a hole or by a manager account, then has the whole machine.',
  mend: 'In asterisk.conf, [options]: runuser=asterisk and rungroup=asterisk, its folders given to that user (chown -R asterisk /var/lib/asterisk /var/spool/asterisk /var/log/asterisk), and then a restart.',
  run({ host }) {
    if (!host) return OFFLINE;
    const users = host.users('asterisk');
    if (users.length === 0) return SILENT;
    return users.includes(0) ? [{ where: 'process asterisk', found: 'runs as root' }] : [];
  },
};

/** A line with something in it that nobody else should know. */
const SECRET = /^[ \t]*(?:secret|md5secret|password|md5_cred|dbpass|register)[ \t]*=>?[ \t]*\S/im;
/** What other users of this host may do with a file or folder. */
const READ = 0o004;
const WRITE = 0o002;
const ENTER = 0o001;

const readable: Check = {
  id: 'AST-120',
  severity: 'medium',
  title: 'Secrets that every user of this host can read',
  why: 'A web page with a hole, or any account on this host, reads the secrets of all phones and trunks, or writes its own into the dialplan.',
  mend: 'chown -R root:asterisk /etc/asterisk; chmod 750 /etc/asterisk; chmod 640 /etc/asterisk/*.conf. FreePBX: fwconsole chown.',
  run({ host, folder }) {
    if (!host) return OFFLINE;
    const inside = host.facts(folder)?.mode ?? 0;
    if ((inside & ENTER) === 0) return [];
    return host.list(folder).flatMap((name) => {
      const path = join(folder, name);
      const { mode = 0 } = host.facts(path) ?? {};
      if (!name.endsWith('.conf') || (mode & (READ | WRITE)) === 0) return [];
      if ((mode & WRITE) !== 0) {
        return [
          {
            where: name,
            found: `mode ${octal(mode)}: every user may write to it`,
            severity: 'high',
          },
        ];
      }
      return SECRET.test(host.read(path) ?? '')
        ? [{ where: name, found: `mode ${octal(mode)}, with secrets in it` }]
        : [];
    });
  },
};

const security: Check = {
  id: 'AST-130',
  severity: 'low',
  title: 'Security events are not logged',
  why: 'Only they tell of each wrong password with its address, whichever channel driver it came through; without them an attack leaves no trace to look at.',
  mend: 'In logger.conf, [logfiles]: security.log => security; then asterisk -rx "logger reload". FreePBX: Settings → Asterisk Logfile Settings → Log Files, Security on.',
  run(pbx) {
    const { found } = pbx.conf('logger.conf');
    const channels = [...logChannels(pbx), { levels: syslogLevels(pbx) }];
    if (channels.some((channel) => has(channel, 'security'))) return [];
    return [
      { where: 'logger.conf', found: found ? 'no log has the level security' : 'is not there' },
    ];
  },
};

const calls: Check = {
  id: 'AST-140',
  severity: 'low',
  title: 'Calls are not recorded',
  why: 'Call detail records are how fraud is noticed before the bill comes, and the only proof of who called whom.',
  mend: 'In cdr.conf, [general]: enable=yes, and a backend that is loaded (cdr_csv, cdr_adaptive_odbc).',
  async run(pbx) {
    const general = pbx
      .conf('cdr.conf')
      .sections.find(({ name }) => name.toLowerCase() === 'general');
    const enabled = general && settingOf(general, 'enable');
    if (enabled && truth(enabled.value) === false) {
      return [{ where: placed(enabled, 'general'), found: `enable=${enabled.value}` }];
    }
    const shown = await pbx.ask('cdr show status');
    return shown !== undefined && /Registered Backends\s*[-\s]*\(none\)/.test(shown)
      ? [{ where: 'Asterisk', found: 'no backend for call detail records is loaded' }]
      : [];
  },
};

export const checks: readonly Check[] = [outdated, root, readable, security, calls];

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}
