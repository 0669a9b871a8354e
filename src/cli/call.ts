import type { Command } from 'commander';
import { formatAddress } from '../address/index.ts';
import { countryName } from '../country/index.ts';
import { fault } from '../errors.ts';
import { formatRoute, loadPolicy, originOf } from '../policy/index.ts';
import { blankCall, type Call, decide, type Verdict } from '../screening/index.ts';
import { parseSource, parseUri } from '../sip/index.ts';
import { type Session, withSession } from './session.ts';
import { paint } from './terminal.ts';

interface Options {
  readonly source: string;
  readonly to?: string;
  readonly agent?: string;
}

export function registerCall(program: Command): void {
  program
    .command('call')
    .description('try a call without placing it: what would be decided, and why')
    .requiredOption('--source <address>', 'where the call would come from')
    .option('--to <extension@domain>', 'what it would dial; without, as an inbound route asks')
    .option('--agent <text>', 'its User-Agent')
    .addHelpText(
      'after',
      '\nExamples:\n  ipcountry call --source 81.2.69.142 --to weather@sip.example.com\n  ipcountry call --source 81.2.69.142 --agent friendly-scanner',
    )
    .action((options: Options, command: Command) =>
      withSession(command, (session) => tryCall(session, options)),
    );
}

function tryCall(session: Session, options: Options): void {
  const address = parseSource(options.source);
  if (!address) throw fault('address-invalid', options.source);
  const policy = loadPolicy(session.database());
  const { country, operator } = originOf(session.country(), address);
  const call: Call = {
    ...blankCall(options.to === undefined ? 'blacklist-check' : 'external', {
      kind: 'address',
      address,
    }),
    ...(options.to === undefined ? {} : readTarget(options.to)),
    agent: options.agent ?? '',
  };
  const verdict = decide(call, policy, { country, operator, overRate: false, now: Date.now() });
  const route = verdict.outcome === 'allow' && verdict.route ? formatRoute(verdict.route) : null;
  const rule = verdict.rule ? `${verdict.rule.list} ${verdict.rule.text}` : null;
  const data = {
    outcome: verdict.outcome,
    reason: verdict.reason,
    rule,
    route,
    country: country ?? null,
    mode: policy.mode,
  };
  session.print(data, () => {
    const where =
      country === undefined ? 'an unknown country' : `${country} ${countryName(country) ?? ''}`;
    const lines = [
      `${outcomeText(verdict)}: ${verdict.reason}${rule ? ` (${rule})` : ''}, from ${where}`,
    ];
    if (route) lines.push(`leads to ${route}`);
    if (policy.mode === 'monitor') lines.push('monitor mode: the call would pass all the same');
    return lines.join('\n');
  });
  if (verdict.outcome !== 'allow') process.exitCode = 1;
}

function outcomeText(verdict: Verdict): string {
  if (verdict.outcome === 'allow') return paint('green', 'let through');
  return verdict.outcome === 'stranger'
    ? paint('red', 'refused as a stranger')
    : paint('yellow', "told that the extension can't be reached");
}

function readTarget(text: string): { extension: string; domain: string } {
  const uri = parseUri(/^sips?:/i.test(text) ? text : `sip:${text}`);
  const sip = uri?.scheme === 'sip' || uri?.scheme === 'sips' ? uri : undefined;
  if (sip?.user === undefined) throw fault('call-target', text);
  const { host } = sip;
  return {
    extension: sip.user,
    domain: host.kind === 'name' ? host.name : formatAddress(host.address),
  };
}
