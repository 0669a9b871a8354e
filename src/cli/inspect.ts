import type { Command } from 'commander';
import {
  type AddressRange,
  cidrsOf,
  contains,
  formatAddress,
  formatRange,
  integerOf,
  parseAddress,
  parseRange,
  rangeBetween,
  sizeOf,
} from '../address/index.ts';
import { countryName } from '../country/index.ts';
import { fault } from '../errors.ts';
import { listRules, loadPolicy, originOf, type Rule } from '../policy/index.ts';
import { type Session, withSession } from './session.ts';
import { shown } from './terminal.ts';

/** More networks than this are counted, not printed. */
const MOST_CIDRS = 64;

export function registerInspect(program: Command): void {
  program
    .command('inspect')
    .description('show all there is to know of an address or range; changes nothing')
    .argument('<first>', 'an address, a network or first-last')
    .argument('[last]', 'the last address of a range')
    .addHelpText(
      'after',
      '\nExamples:\n  ipcountry inspect 156.130.20.10\n  ipcountry inspect 156.130.20.10 156.130.20.255',
    )
    .action((first: string, last: string | undefined, _options: object, command: Command) =>
      withSession(command, (session) => inspect(session, readRange(first, last))),
    );
}

function readRange(first: string, last: string | undefined): AddressRange {
  if (last === undefined) {
    const range = parseRange(first);
    if (!range) throw fault('address-invalid', first);
    return range;
  }
  const [from, to] = [first, last].map((text) => {
    const address = parseAddress(text);
    if (!address) throw fault('address-invalid', text);
    return address;
  });
  return rangeBetween(from!, to!);
}

function inspect(session: Session, range: AddressRange): void {
  const networks = cidrsOf(range);
  const first = originOf(session.country(), range.first);
  const last = originOf(session.country(), range.last);
  const now = Date.now();
  const policy = loadPolicy(session.database());
  const touching = listRules(session.database()).filter((rule) => touches(rule, range));
  const byOrigin = (['trust', 'deny', 'permit'] as const).flatMap(
    (list) => policy.match(list, first, now) ?? [],
  );
  const rules = [...new Map([...touching, ...byOrigin].map((rule) => [rule.id, rule])).values()];
  const data = {
    range: formatRange(range),
    first: formatAddress(range.first),
    last: formatAddress(range.last),
    firstInteger: String(integerOf(range.first)),
    lastInteger: String(integerOf(range.last)),
    size: String(sizeOf(range)),
    cidrs: networks.map(formatRange),
    country: first.country ?? null,
    lastCountry: last.country ?? null,
    operator: first.operator ?? null,
    rules: rules.map(({ list, text, note }) => ({ list, subject: text, note })),
  };
  session.print(data, () => {
    const lines = [
      ['address', data.first === data.last ? data.first : `${data.first} to ${data.last}`],
    ];
    lines.push([
      'integer',
      data.first === data.last ? data.firstInteger : `${data.firstInteger} to ${data.lastInteger}`,
    ]);
    if (data.first !== data.last) lines.push(['addresses', sizeOf(range).toLocaleString('en')]);
    const more = networks.length - MOST_CIDRS;
    const shownCidrs = data.cidrs.slice(0, MOST_CIDRS).join(' ');
    lines.push(['networks', more > 0 ? `${shownCidrs} and ${more} more` : shownCidrs]);
    const countries = [...new Set([data.country, data.lastCountry])];
    lines.push(['country', countries.map(describeCountry).join(' to ')]);
    if (data.operator !== null) lines.push(['operator', `AS${data.operator}`]);
    const found = rules.map(
      (rule) => `${rule.list} ${rule.text}${rule.note ? ` (${shown(rule.note)})` : ''}`,
    );
    lines.push(['rules', found.join(', ') || 'none']);
    return lines.map(([name, value]) => `${name!.padEnd(10)} ${value}`).join('\n');
  });
}

function describeCountry(code: string | null): string {
  return code === null ? 'unknown' : `${code} ${countryName(code) ?? ''}`.trim();
}

function touches(rule: Rule, range: AddressRange): boolean {
  if (rule.subject.kind !== 'range') return false;
  const other = rule.subject.range;
  return contains(other, range.first) || contains(range, other.first);
}
