import type { Command } from 'commander';
import { formatAddress } from '../address/index.ts';
import { countryName } from '../country/index.ts';
import { type List, listRules, type Rule, resolvedAddresses } from '../policy/index.ts';
import { checkedList } from './checked-list.ts';
import { type Session, withSession } from './session.ts';
import { localTime, paint, shown, table } from './terminal.ts';

export function registerList(program: Command): void {
  program
    .command('list')
    .description('show the rules')
    .argument('[list]', 'trust, deny or permit; all without')
    .addHelpText('after', '\nExamples:\n  ipcountry list\n  ipcountry list deny --json')
    .action((list: string | undefined, _options: object, command: Command) =>
      withSession(command, (session) =>
        show(session, list === undefined ? undefined : checkedList(list)),
      ),
    );
}

const COLOUR = { trust: 'cyan', deny: 'red', permit: 'green' } as const;

function show(session: Session, list: List | undefined): void {
  const now = Date.now();
  const rules = listRules(session.database(), list);
  const data = rules.map((rule) => ({
    list: rule.list,
    subject: rule.text,
    kind: rule.subject.kind,
    means: meaning(session, rule),
    note: rule.note,
    origin: rule.origin,
    created: new Date(rule.createdAt).toISOString(),
    expires: rule.expiresAt === undefined ? null : new Date(rule.expiresAt).toISOString(),
    expired: isExpired(rule, now),
  }));
  session.print(data, () => {
    if (rules.length === 0) return `no rules in ${list ?? 'trust, deny and permit'}`;
    const rows = rules.map((rule, i) => [
      paint(COLOUR[rule.list], rule.list),
      rule.text,
      data[i]!.means,
      expiry(rule, now),
      shown(rule.note),
      rule.origin,
    ]);
    return table(['LIST', 'SUBJECT', 'MEANS', 'UNTIL', 'NOTE', 'ORIGIN'], rows);
  });
}

function meaning(session: Session, { subject }: Rule): string {
  if (subject.kind === 'country') return countryName(subject.code) ?? '';
  if (subject.kind !== 'name') return '';
  const addresses = resolvedAddresses(session.database(), subject.host);
  return addresses.length === 0 ? 'not resolved' : addresses.map(formatAddress).join(' ');
}

function isExpired(rule: Rule, now: number): boolean {
  return rule.expiresAt !== undefined && rule.expiresAt <= now;
}

function expiry(rule: Rule, now: number): string {
  if (rule.expiresAt === undefined) return '';
  return isExpired(rule, now) ? paint('dim', 'expired') : localTime(rule.expiresAt);
}
