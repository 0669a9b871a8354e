import { connect } from 'node:net';
import type { Command } from 'commander';
import { alertsWaiting } from '../alerts/waiting.ts';
import { listBlocks } from '../blocks/index.ts';
import { type CountryData, creditFor } from '../country/index.ts';
import { confirmedChoice } from '../firewall/choice.ts';
import type { Level } from '../firewall/index.ts';
import { callCounts } from '../journal/index.ts';
import { getMode, LISTS, listDomains, listExtensions, listRules } from '../policy/index.ts';
import { type Session, withSession } from './session.ts';
import { counted, localTime, paint } from './terminal.ts';

const DAY = 86_400_000;

/** Milliseconds in which a server on this host must accept a connection. */
const PATIENCE = 1_000;

export function registerStatus(program: Command): void {
  program
    .command('status')
    .description('show whether the server runs, and what it works with')
    .addHelpText('after', '\nExamples:\n  ipcountry status\n  ipcountry status --json')
    .action((_options: object, command: Command) => withSession(command, status));
}

async function status(session: Session): Promise<void> {
  const { config } = session;
  const database = session.database();
  const rules = listRules(database);
  const data = {
    server: {
      host: config.agi.host,
      port: config.agi.port,
      listening: await listening(config.agi.host, config.agi.port),
    },
    mode: getMode(database),
    config: config.file ?? null,
    database: config.databasePath,
    rules: Object.fromEntries(
      LISTS.map((list) => [list, rules.filter((rule) => rule.list === list).length]),
    ),
    extensions: listExtensions(database).length,
    domains: listDomains(database).length,
    country: describeCountries(session.country()),
    lastDay: callCounts(database, Date.now() - DAY),
    firewall: confirmedChoice(database).level,
    blocks: listBlocks(database, Date.now()).length,
    mail: { to: config.mail.to, waiting: alertsWaiting(database) },
  };
  session.print(data, () => people(data));
}

function describeCountries(country: CountryData) {
  const { facts } = country.countries();
  const credit = creditFor(facts);
  return {
    path: facts.path,
    type: facts.type,
    built: facts.builtAt.toISOString(),
    sample: country.isSample(),
    credit: credit ? `${credit.text} (${credit.link})` : null,
  };
}

type Status = Parameters<typeof people>[0];

function people(data: {
  server: { host: string; port: number; listening: boolean };
  mode: string;
  config: string | null;
  database: string;
  rules: Record<string, number>;
  extensions: number;
  domains: number;
  country: ReturnType<typeof describeCountries>;
  lastDay: { allow: number; stranger: number; unlisted: number };
  firewall: Level | 'off';
  blocks: number;
  mail: { to: readonly string[]; waiting: number };
}): string {
  const at = `${data.server.host}:${data.server.port}`;
  const lines: [string, string][] = [
    [
      'server',
      data.server.listening
        ? paint('green', `answers on ${at}`)
        : paint('red', `does not answer on ${at}; start it with 'ipcountry serve'`),
    ],
    ['mode', data.mode === 'enforce' ? 'enforce' : paint('yellow', 'monitor: no call is refused')],
    ['rules', LISTS.map((list) => `${data.rules[list]} ${list}`).join(', ')],
    ['whitelist', `${counted(data.extensions, 'extension')}, ${counted(data.domains, 'domain')}`],
    ['countries', countryLine(data.country)],
    [
      'last day',
      `${counted(data.lastDay.allow, 'call')} let through, ${counted(data.lastDay.stranger, 'stranger')}, ${data.lastDay.unlisted} for unlisted extensions`,
    ],
    ['firewall', `level ${data.firewall}; ${counted(data.blocks, 'source')} blocked`],
    ['mail', mailLine(data.mail)],
    ['database', data.database],
    ['config', data.config ?? 'none, defaults'],
  ];
  if (data.country.credit) lines.push(['credit', data.country.credit]);
  return lines.map(([name, value]) => `${name.padEnd(10)} ${value}`).join('\n');
}

function countryLine(country: Status['country']): string {
  const built = localTime(Date.parse(country.built)).slice(0, 10);
  return country.sample
    ? paint(
        'yellow',
        "only the small built-in sample; 'ipcountry country update' gets a real database",
      )
    : `${country.type} of ${built} (${country.path})`;
}

function mailLine(mail: Status['mail']): string {
  if (mail.to.length === 0) return 'off; set mail.to to be told of strangers';
  return `to ${mail.to.join(', ')}; ${counted(mail.waiting, 'alert')} waiting`;
}

function listening(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: PATIENCE });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.on('connect', () => end(true));
    socket.on('error', () => end(false));
    socket.on('timeout', () => end(false));
  });
}
