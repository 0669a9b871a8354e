import type { Command } from 'commander';
import { listWaiting } from '../alerts/waiting.ts';
import { type Session, withSession } from './session.ts';
import { localTime, shown, table } from './terminal.ts';

export function registerAlerts(program: Command): void {
  const alerts = program
    .command('alerts')
    .description('mail about refused strangers')
    .addHelpText('after', '\nExamples:\n  ipcountry alerts test\n  ipcountry alerts list');
  alerts
    .command('test')
    .description('send a mail now, to see whether mails arrive')
    .addHelpText('after', '\nExample:\n  ipcountry alerts test')
    .action((_options: object, command: Command) => withSession(command, test));
  alerts
    .command('list')
    .description('show the strangers that wait to be mailed about')
    .addHelpText('after', '\nExample:\n  ipcountry alerts list')
    .action((_options: object, command: Command) => withSession(command, list));
}

async function test(session: Session): Promise<void> {
  const { mail } = session.config;
  const { sendTest } = await import('../alerts/index.ts'); // the mailer is large, other verbs need none
  await sendTest(mail);
  const by = mail.transport === 'smtp' ? `${mail.host}:${mail.port}` : mail.sendmail;
  session.print({ sent: true, to: mail.to, by }, () => `sent to ${mail.to.join(', ')} by ${by}`);
}

function list(session: Session): void {
  const waiting = listWaiting(session.database());
  const data = waiting.map(({ first, last, dueAt, facts, ...row }) => ({
    ...row,
    first: iso(first),
    last: iso(last),
    due: iso(dueAt),
    facts: { ...facts, at: iso(facts.at) },
  }));
  session.print(data, () => {
    if (waiting.length === 0) return 'nothing waits';
    const rows = waiting.map(({ counted, count, last, dueAt, attempts, facts }) => [
      shown(counted || facts.source),
      facts.country,
      String(count),
      localTime(last),
      facts.reason,
      localTime(dueAt),
      attempts === 0 ? '' : `tried ${attempts} times`,
    ]);
    return table(['SOURCE', 'CC', 'CALLS', 'LAST', 'REASON', 'DUE', ''], rows);
  });
  if (session.config.mail.to.length === 0) {
    session.remark('mail is off: set mail.to to the address that is to be told of strangers');
  }
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
