import { join } from 'node:path';
import { type Check, type Finding, placed, unknown } from '../check.ts';
import { enabledJails, hasFail2ban, type Jail } from '../jails.ts';
import { has, logChannels, syslogLevels } from '../log-channels.ts';
import type { Pbx } from '../pbx.ts';
import { isShut } from '../shut.ts';
import { sipBinds } from '../sip-binds.ts';

/** This host's firewall and processes say nothing about another's files. */
const OFFLINE = unknown('this host was not looked at (--offline)');

const everyone: Check = {
  id: 'NET-100',
  severity: 'medium',
  title: 'SIP open to the whole Internet',
  why: 'Scanners find a SIP port within hours, try passwords and dialled numbers day and night, and are there before a hole in Asterisk is mended.',
  mend: "Permit your countries and providers, then 'ipcountry firewall apply --level sip': strangers' packets don't reach Asterisk any more. Behind a router that forwards nothing from outside, skip this check.",
  async run(pbx) {
    const { host, own, folder } = pbx;
    if (!host) return OFFLINE;
    const guarded = host.facts(join(folder, 'firewall.enabled')) !== undefined;
    return (await sipBinds(pbx))
      .filter((bind) => bind.families.length > 0 && !isShut(own, bind))
      .map(({ where, address, port, transport }): Finding => {
        const found = `${transport.toUpperCase()} ${address} port ${port}, for every address`;
        if (guarded)
          return { where, found: `${found} but for what FreePBX's Firewall does`, severity: 'low' };
        return transport === 'udp' ? { where, found } : { where, found, severity: 'low' };
      });
  },
};

const watched: Check = {
  id: 'NET-110',
  severity: 'medium',
  title: 'Nobody shuts out who guesses passwords',
  why: 'Without guard or fail2ban a scanner may try as many passwords as it likes, a thousand a minute, until one fits.',
  mend: "Run ipcountry's guard (systemctl enable --now ipcountry-guard); or fail2ban with its jail asterisk, whose logpath is a file that logger.conf writes notice and security to.",
  run(pbx) {
    const { host, own } = pbx;
    if (!host) return OFFLINE;
    if (own.guardRuns) return [];
    if (!hasFail2ban(host)) return [{ where: 'guard, fail2ban', found: 'neither runs here' }];
    const jails = enabledJails(host).filter(({ name, filter }) => /asterisk/i.test(name + filter));
    if (jails.length === 0) {
      return [{ where: '/etc/fail2ban', found: 'no jail for Asterisk is enabled' }];
    }
    if (!host.runs('fail2ban-server')) return [{ where: 'fail2ban', found: 'does not run' }];
    return jails.some((jail) => blindness(pbx, jail) === undefined)
      ? []
      : jails.map((jail) => ({
          where: `fail2ban jail ${jail.name}`,
          found: blindness(pbx, jail)!,
        }));
  },
};

export const checks: readonly Check[] = [everyone, watched];

/** What Asterisk says of failed log-ins: chan_sip as notice, everything else as security event too. */
const TELLING = ['notice', 'security'];

/** Why a jail sees nothing; undefined where it does. */
function blindness(pbx: Pbx, { logs }: Jail): string | undefined {
  if (logs.length === 0) return undefined; // the journal, which nobody here can tell about
  const channels = logChannels(pbx);
  const written = channels.filter(({ path }) => logs.some((log) => fits(log, path)));
  if (written.some((channel) => has(channel, ...TELLING))) return undefined;
  const [channel] = written;
  if (channel) return `${placed(channel)} writes neither notice nor security to ${channel.path}`;
  const system = logs.some((log) => /^\/var\/log\/(syslog|messages)$/.test(log));
  if (system && has({ levels: syslogLevels(pbx) }, ...TELLING)) return undefined;
  return `Asterisk does not write to ${logs.join(' or ')}, by logger.conf`;
}

/** A log path of fail2ban may have `*` in it. */
function fits(pattern: string, path: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[\\^$.+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^/]*')}$`).test(path);
}
