import type { Command } from 'commander';
import {
  type AddressRange,
  cidr,
  formatAddress,
  formatRange,
  integerOf,
} from '../address/index.ts';
import {
  type CountryNetwork,
  countNetworks,
  countryName,
  creditFor,
  isCountryCode,
  listNetworks,
} from '../country/index.ts';
import { fault } from '../errors.ts';
import { listRules } from '../policy/index.ts';
import { checkedCountry } from './country-code.ts';
import { registerCountryUpdate } from './country-update.ts';
import { progressBar } from './progress.ts';
import { type Session, withSession } from './session.ts';
import { counted, localTime, paint, table } from './terminal.ts';

export function registerCountry(program: Command): void {
  const country = program
    .command('country')
    .description('the country database: which country an address is in')
    .addHelpText('after', '\nExamples:\n  ipcountry country update\n  ipcountry country status');
  registerCountryUpdate(country);
  country
    .command('status')
    .description('show which country database is in use, and how old it is')
    .addHelpText('after', '\nExample:\n  ipcountry country status')
    .action((_options: object, command: Command) => withSession(command, status));
  country
    .command('list')
    .description('show the countries that the database knows, and the rules about them')
    .addHelpText('after', '\nExample:\n  ipcountry country list')
    .action((_options: object, command: Command) => withSession(command, list));
  country
    .command('networks')
    .description("list a country's networks, one a line, as firewalls take them")
    .argument('<country>', 'two letters, as in US')
    .option('--ipv4', 'only IPv4')
    .option('--ipv6', 'only IPv6')
    .option('--format <cidr|range>', 'networks, or first-last ranges', 'cidr')
    .addHelpText(
      'after',
      '\nExamples:\n  ipcountry country networks NZ --ipv4\n  ipcountry country networks NZ --format range > nz.txt',
    )
    .action((code: string, options: NetworksOptions, command: Command) =>
      withSession(command, (session) => networks(session, code, options)),
    );
}

const DAY = 86_400_000;

async function status(session: Session): Promise<void> {
  const data = session.country();
  const { facts } = data.countries();
  const count = await withBar('counting networks', (progress) =>
    countNetworks(data.countries(), progress),
  );
  const credit = creditFor(facts);
  const days = Math.floor((Date.now() - facts.builtAt.getTime()) / DAY);
  const operators = data.operators()?.facts;
  const found = {
    path: facts.path,
    type: facts.type,
    sample: data.isSample(),
    built: facts.builtAt.toISOString(),
    days,
    networks: count.networks,
    countries: count.each.size,
    credit: credit ? `${credit.text} (${credit.link})` : null,
    operators: operators
      ? { path: operators.path, type: operators.type, built: operators.builtAt.toISOString() }
      : null,
  };
  session.print(found, () => {
    const lines = [
      ['file', found.path],
      ['type', found.type],
      ['built', `${localTime(facts.builtAt.getTime()).slice(0, 10)} (${counted(days, 'day')} ago)`],
      ['networks', `${found.networks.toLocaleString('en')} in ${found.countries} countries`],
    ];
    if (operators) lines.push(['operators', `${operators.type} (${operators.path})`]);
    if (found.credit) lines.push(['credit', found.credit]);
    if (found.sample) {
      const only = 'this is only the small built-in sample: most addresses have no country in it';
      lines.push(['note', paint('yellow', `${only}; 'ipcountry country update' gets a real one`)]);
    }
    return lines.map(([name, value]) => `${name!.padEnd(10)} ${value}`).join('\n');
  });
}

async function list(session: Session): Promise<void> {
  const { each } = await withBar('counting networks', (progress) =>
    countNetworks(session.country().countries(), progress),
  );
  const now = Date.now();
  const rules = listRules(session.database()).filter(
    (rule) => rule.expiresAt === undefined || rule.expiresAt > now,
  );
  const listsOf = (code: string) =>
    rules.flatMap(({ subject, list }) =>
      subject.kind === 'country' && subject.code === code ? [list] : [],
    );
  const rows = [...each]
    .filter(([code]) => isCountryCode(code))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, count]) => ({
      code,
      name: countryName(code),
      networks: count,
      lists: listsOf(code),
    }));
  session.print(rows, () => {
    const lines = rows.map((row) => [
      row.code,
      row.name,
      String(row.networks),
      row.lists.join(', '),
    ]);
    const having = (list: string) => rows.filter((row) => row.lists.some((l) => l === list)).length;
    const sum = `countries: ${rows.length}, ${having('permit')} permitted, ${having('deny')} denied`;
    return `${table(['CODE', 'NAME', 'NETWORKS', 'RULES'], lines)}\n${sum}`;
  });
}

interface NetworksOptions {
  readonly ipv4?: boolean;
  readonly ipv6?: boolean;
  readonly format: string;
}

async function networks(session: Session, code: string, options: NetworksOptions): Promise<void> {
  const country = checkedCountry(code);
  const { format } = options;
  if (format !== 'cidr' && format !== 'range') throw fault('format-unknown', format);
  const all = await withBar(`networks of ${country}`, (progress) =>
    listNetworks(session.country().countries(), { country, progress }),
  );
  const family = options.ipv4 === options.ipv6 ? undefined : options.ipv4 ? 4 : 6;
  const wanted = all.filter(({ first }) => family === undefined || first.family === family);
  const ranges = wanted.map(({ first, bits }: CountryNetwork) => cidr(first, bits));
  const lines = format === 'cidr' ? ranges.map(formatRange) : joined(ranges).map(rangeText);
  session.print(lines, () => lines.join('\n'));
  if (lines.length === 0) {
    session.remark(`the country database has no such networks of ${countryName(country)}`);
  }
}

/** Networks that touch become one range, as the original kept them. */
function joined(ranges: readonly AddressRange[]): AddressRange[] {
  const result: AddressRange[] = [];
  for (const range of ranges) {
    const before = result.at(-1);
    const touches =
      before?.first.family === range.first.family &&
      integerOf(before.last) + 1n === integerOf(range.first);
    if (touches) result[result.length - 1] = { first: before.first, last: range.last };
    else result.push(range);
  }
  return result;
}

function rangeText({ first, last }: AddressRange): string {
  return `${formatAddress(first)}-${formatAddress(last)}`;
}

async function withBar<T>(
  label: string,
  work: (progress: (done: number) => void) => Promise<T>,
): Promise<T> {
  const bar = progressBar(label);
  try {
    return await work(bar.update);
  } finally {
    bar.end();
  }
}
