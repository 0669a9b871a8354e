import type { Command } from 'commander';
import { fault } from '../errors.ts';
import {
  type NftPlan,
  openPlanner,
  type Plan,
  renderIpset,
  renderIptables,
  tableText,
  unpackRanges,
} from '../firewall/index.ts';
import { listDomains, listScanners } from '../policy/index.ts';
import {
  addChoiceOptions,
  type ChoiceOptions,
  choiceOf,
  countriesOf,
  firewallLog,
  refuseText,
} from './firewall-parts.ts';
import { type Session, withSession } from './session.ts';

interface Options extends ChoiceOptions {
  readonly format: string;
  readonly ipv6?: boolean;
}

export function registerRender(firewall: Command): void {
  const command = firewall
    .command('render')
    .description('print the rule set, for those who load it themselves; changes nothing')
    .option('--format <nft|iptables|ipset>', 'whose language', 'nft');
  addChoiceOptions(command)
    .option('--ipv6', 'iptables: for ip6tables')
    .addHelpText(
      'after',
      `
Examples:
  ipcountry firewall render --level sip > ipcountry.nft
  ipcountry firewall render --format ipset | ipset restore -exist
  ipcountry firewall render --format iptables --level sip --domains --scanners`,
    )
    .action((options: Options, self: Command) =>
      withSession(self, (session) => render(session, options)),
    );
}

async function render(session: Session, options: Options): Promise<void> {
  const { format } = options;
  if (format !== 'nft' && format !== 'iptables' && format !== 'ipset') {
    throw fault('firewall-render', format);
  }
  if (format === 'nft') refuseText(options);
  const database = session.database();
  const country = countriesOf(session);
  const { config } = session;
  const planner = openPlanner({ database, country, config, log: firewallLog(session) });
  const plan = await planner.plan(choiceOf(session, options));
  const text = {
    nft: () => [...tableText(plan)].join(''),
    iptables: () => renderIptables(fullPlan(session, plan, options), options.ipv6 ? 6 : 4),
    ipset: () => renderIpset(fullPlan(session, plan, options)),
  }[format]();
  session.print({ format, text }, () => text.trimEnd());
  if (country.problem) session.remark(`note: ${country.problem}`);
}

function fullPlan(session: Session, plan: NftPlan, options: Options): Plan {
  const { lists, ...rest } = plan;
  const database = session.database();
  return {
    ...rest,
    options: {
      ...plan.options,
      domains: options.domains ?? false,
      scanners: options.scanners ?? false,
    },
    trust: unpackRanges(lists.trust),
    deny: unpackRanges(lists.deny),
    permit: unpackRanges(lists.permit),
    domains: listDomains(database).map(({ name }) => name),
    scanners: listScanners(database).map(({ name }) => name.toLowerCase()),
  };
}
