import { type Command, Option } from 'commander';
import { formatRange } from '../address/index.ts';
import { Fault, fault } from '../errors.ts';
import {
  type Choice,
  type Chosen,
  type Countries,
  confirmedChoice,
  LEVELS,
  type Level,
  NFT_OPTIONS,
  type NftOptions,
  ownNetworks,
} from '../firewall/index.ts';
import { createLog, type Log } from '../log.ts';
import type { Session } from './session.ts';
import { sshPort } from './ssh.ts';

/** What the options do, for the help. */
const ABOUT: Record<keyof NftOptions, string> = {
  invalid: 'TCP packets that no honest sender sends',
  bogons: "sources that can't be on the Internet, but for networks of ours and those permitted",
  tiny: 'UDP packets with nothing in them',
  rates: 'by source: over 10 new TCP connections a second, 20 REGISTER in 10 s, 20 INVITE in 5 s',
  traps: 'for 600 s, whoever probes a port that is never offered here (firewall.trap_ports)',
};

export interface ChoiceOptions extends Partial<NftOptions> {
  readonly level?: string;
  readonly domains?: boolean;
  readonly scanners?: boolean;
}

/** The options with which a rule set is chosen. */
export function addChoiceOptions(command: Command): Command {
  command.option(
    '--level <blocks|sip|server>',
    'who is shut out: only the blocked and denied; strangers, from SIP, IAX and media; strangers, from all but SSH',
  );
  for (const name of NFT_OPTIONS) {
    command.option(`--${name}`, `drop ${ABOUT[name]}`);
    command.addOption(new Option(`--no-${name}`, `do not, whatever was chosen before`));
  }
  return command
    .option('--domains', "iptables: drop first packets that don't name a domain of ours (sip:HOST)")
    .option('--scanners', "iptables: drop packets with a scanner's name in them");
}

/** @throws Fault where something is asked for that nftables can't do */
export function refuseText({ domains, scanners }: ChoiceOptions): void {
  if (domains || scanners) throw fault('firewall-text');
}

/** What is named, and for the rest what was confirmed. @throws Fault */
export function choiceOf(session: Session, options: ChoiceOptions): Chosen {
  const before: Choice = confirmedChoice(session.database());
  const known = { ...before.options };
  for (const name of NFT_OPTIONS) known[name] = options[name] ?? known[name];
  const port = sshPort();
  const configured = session.config.firewall.ssh_ports;
  return {
    level: levelOf(options.level, before.level),
    options: known,
    ssh: port === undefined || configured.includes(port) ? [] : [port],
    own: ownNetworks().map(formatRange),
  };
}

function levelOf(text: string | undefined, before: Choice['level']): Level {
  if (text === undefined) return before === 'off' ? 'blocks' : before;
  const level = LEVELS.find((known) => known === text);
  if (!level) throw fault('firewall-level', text);
  return level;
}

/**
 * The country data, or nothing at all where they can't be opened: a firewall without countries lets
 * fewer people in, but it stands.
 */
export function countriesOf(session: Session): Countries & { readonly problem?: string } {
  try {
    const data = session.country();
    return {
      countries: () => data.countries(),
      operators: () => data.operators(),
      ...(data.isSample() ? { problem: SAMPLE } : {}),
    };
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    const problem = `${cause.message}; until then countries and AS numbers let nobody in, and shut nobody out`;
    return { countries: () => undefined, operators: () => undefined, problem };
  }
}

const SAMPLE =
  "only the small built-in sample country database is there, so most countries have no networks; 'ipcountry country update' gets a real one";

/** Mistakes in rules and files are to be heard of, where nothing else was asked for. */
export function firewallLog({ config }: Session): Log {
  return createLog(config.log.level === 'info' ? 'error' : config.log.level, 2);
}
