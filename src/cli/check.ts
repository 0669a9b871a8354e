import type { Command } from 'commander';
import { formatAddress } from '../address/index.ts';
import { countryName } from '../country/index.ts';
import { fault } from '../errors.ts';
import { loadPolicy, originOf, type Policy } from '../policy/index.ts';
import { judgeAddress } from '../screening/index.ts';
import { parseSource } from '../sip/index.ts';
import { type Session, withSession } from './session.ts';
import { paint, table } from './terminal.ts';

export function registerCheck(program: Command): void {
  program
    .command('check')
    .description('ask whether calls from addresses may come in; exit 1 on any ko')
    .argument('[address...]', 'IPv4 or IPv6')
    .option('--peers', 'every extension and trunk that Asterisk knows, over its manager interface')
    .addHelpText(
      'after',
      '\nExamples:\n  ipcountry check 81.2.69.142\n  ipcountry check 81.2.69.142 2001:218::1 --json\n  ipcountry check --peers',
    )
    .action((addresses: string[], { peers = false }: { peers?: boolean }, command: Command) => {
      if (addresses.length === 0 && !peers) {
        command.error("error: missing required argument 'address', or --peers");
      }
      return withSession(command, (session) => check(session, addresses, peers));
    });
}

async function check(session: Session, addresses: string[], peers: boolean): Promise<void> {
  const policy = loadPolicy(session.database());
  const results = addresses.map((text) => judge(session, policy, text));
  // Loaded here alone: what asks Asterisk is large.
  const listed = peers ? await (await import('./peers.ts')).listPeers(session) : undefined;
  const rows = [...results, ...(listed?.rows ?? [])];
  session.print(rows, () => {
    const tables = results.length === 0 ? [] : [show(results)];
    if (listed) tables.push(listed.text());
    return tables.join('\n\n');
  });
  if (rows.some(({ ok }) => ok === false)) process.exitCode = 1;
}

function show(results: readonly ReturnType<typeof judge>[]): string {
  return table(
    ['ADDRESS', '', 'COUNTRY', 'REASON', 'RULE'],
    results.map(({ address, ok, country, reason, rule }) => [
      address,
      ok ? paint('green', 'ok') : paint('red', 'ko'),
      country === null ? 'unknown' : `${country} ${countryName(country) ?? ''}`,
      reason,
      rule ?? '',
    ]),
  );
}

/** Judges the address alone: not the domain or the extension that a call would ask for. */
function judge(session: Session, policy: Policy, text: string) {
  const address = parseSource(text);
  if (!address) throw fault('address-invalid', text);
  const origin = originOf(session.country(), address);
  const { country } = origin;
  const verdict = judgeAddress(origin, policy, Date.now());
  return {
    address: formatAddress(address),
    ok: verdict.outcome === 'allow',
    reason: verdict.reason,
    rule: verdict.rule ? `${verdict.rule.list} ${verdict.rule.text}` : null,
    country: country ?? null,
  };
}
