import { LISTS } from '../policy/index.ts';
import type { Status } from './status-facts.ts';
import { counted, localTime, paint, shown } from './terminal.ts';

/** For people: what there is, what is remarkable, and what is wrong. */
export function statusText(status: Status): string {
  const lines = rows(status).map(([name, value]) => `${name.padEnd(10)} ${value}`);
  for (const note of status.notes) lines.push(paint('yellow', `note       ${note}`));
  return [...lines, '', ...verdict(status)].join('\n');
}

function verdict({ problems }: Status): string[] {
  if (problems.length === 0) return [paint('green', 'all is well')];
  return [
    paint(['red', 'bold'], `${counted(problems.length, 'problem')}:`),
    ...problems.flatMap(({ what, remedy }) => [paint('red', `  ${what}`), `    ${remedy}`]),
  ];
}

function rows(status: Status): [string, string][] {
  const { server, mode, rules, extensions, domains, lastDay, country, mail, config } = status;
  const found: [string, string][] = [['server', serverLine(server)]];
  if (mode) found.push(['mode', mode === 'enforce' ? 'enforce' : paint('yellow', 'monitor')]);
  if (rules) found.push(['rules', LISTS.map((list) => `${rules[list]} ${list}`).join(', ')]);
  if (extensions !== null && domains !== null) {
    found.push(['whitelist', `${counted(extensions, 'extension')}, ${counted(domains, 'domain')}`]);
  }
  if (country) found.push(['countries', countryLine(country)]);
  if (lastDay) {
    const { allow, stranger, unlisted } = lastDay;
    const strangers = counted(stranger, 'stranger');
    found.push([
      'last day',
      `${counted(allow, 'call')} let through, ${strangers}, ${unlisted} for unlisted extensions`,
    ]);
  }
  found.push(['guard', guardLine(status.guard)], ['firewall', firewallLine(status)]);
  if (mail) found.push(['mail', mailLine(mail)]);
  found.push(['database', status.database], ['config', config ?? 'none, defaults']);
  if (country?.credit) found.push(['credit', country.credit]);
  return found;
}

function serverLine({ host, port, answers, started }: Status['server']): string {
  const at = `${host}:${port}`;
  if (!answers || started === null) return paint('red', `does not answer on ${at}`);
  return `${paint('green', 'answers')} on ${at}, since ${localTime(Date.parse(started))}`;
}

function countryLine({ type, built, path, sample }: NonNullable<Status['country']>): string {
  if (sample) return paint('yellow', 'the built-in sample');
  return `${shown(type)} of ${localTime(Date.parse(built)).slice(0, 10)} (${path})`;
}

function guardLine(guard: Status['guard']): string {
  if (!guard) return 'has never run';
  const time = (text: string) => localTime(Date.parse(text));
  if (!guard.running) return `not running, last seen ${time(guard.seen)}`;
  const away = guard.away === null ? '' : `, without Asterisk since ${time(guard.away)}`;
  return `${paint('green', 'runs')} since ${time(guard.since)}${away}`;
}

function firewallLine({ firewall, blocks }: Status): string {
  const blocked = blocks === null ? '' : `; ${counted(blocks, 'source')} blocked`;
  if (!firewall) return `unknown${blocked}`;
  const { level, stands, chosen } = firewall;
  const state =
    stands === null ? '' : stands ? paint('green', ', stands') : paint('red', ', does not stand');
  return `level ${level}${chosen ? '' : ' (nothing was chosen yet)'}${state}${blocked}`;
}

function mailLine({ to, waiting }: NonNullable<Status['mail']>): string {
  if (to.length === 0) return 'off; set mail.to to be told of strangers';
  return `to ${to.join(', ')}; ${counted(waiting, 'alert')} waiting`;
}
