import type { Command } from 'commander';
import type { Database } from '../database/index.ts';
import {
  confirmedChoice,
  currentTrial,
  lastLoad,
  lastRollback,
  NFT_OPTIONS,
  type NftOptions,
  nftProgram,
  secondsLeft,
  standingTable,
} from '../firewall/index.ts';
import { countriesOf } from './firewall-parts.ts';
import { type Session, withSession } from './session.ts';
import { localTime, paint, table } from './terminal.ts';

export function registerFirewallStatus(firewall: Command): void {
  firewall
    .command('status')
    .description('show what stands, and what it has let in and dropped')
    .addHelpText(
      'after',
      '\nExit 1 where our table should stand and does not.\n\nExample:\n  ipcountry firewall status',
    )
    .action((_options: object, command: Command) => withSession(command, status));
}

async function status(session: Session): Promise<void> {
  const database = session.database();
  const standing = await standingTable(nftProgram(session.config.firewall.nft));
  const chosen = stateOf(database);
  const data = {
    ...chosen,
    stands: standing !== undefined,
    country: countriesOf(session).problem ?? null,
    sets: standing?.sets ?? {},
    counters: standing?.counters ?? {},
  };
  session.print(data, () => people(data));
  if (data.level !== 'off' && !data.stands) process.exitCode = 1;
}

/** What the database knows. */
function stateOf(database: Database) {
  const confirmed = confirmedChoice(database);
  const trial = currentTrial(database);
  const { level, options } = trial?.choice ?? confirmed;
  const time = (at: number | undefined) => (at ? new Date(at).toISOString() : null);
  return {
    level,
    options: NFT_OPTIONS.filter((name) => options[name]),
    /** Seconds left to confirm; null where nothing waits for that. */
    trial: trial ? secondsLeft(trial, Date.now()) : null,
    confirmed: confirmed.chosen ? confirmed.level : null,
    loaded: time(lastLoad(database).at),
    rolledBack: time(lastRollback(database)),
  };
}

interface Data extends ReturnType<typeof stateOf> {
  readonly stands: boolean;
  readonly country: string | null;
  readonly sets: Readonly<Record<string, number>>;
  readonly counters: Readonly<Record<string, { packets: number; bytes: number }>>;
}

/** Sets whose packets are counted under another name, or not by themselves. */
const COUNTER: Readonly<Record<string, string>> = { block: 'blocks', trapped: 'traps' };

function people(data: Data): string {
  const lines = [`level      ${paint('bold', data.level)}${settled(data)}`];
  lines.push(`table      ${standsText(data)}`);
  lines.push(`options    ${data.options.join(', ') || 'none'}`);
  if (data.rolledBack) {
    lines.push(`rollback   ${localTime(Date.parse(data.rolledBack))}: an apply was not confirmed`);
  }
  if (data.country) lines.push(`countries  ${paint('yellow', data.country)}`);
  if (!data.stands) return lines.join('\n');
  const lists = ['trust', 'block', 'deny', 'permit'];
  if (data.options.includes('traps')) lists.push('trapped');
  const counters = new Set(
    Object.keys(data.counters).filter((name) => !isOption(name) || data.options.includes(name)),
  );
  const rows = lists.map((name) => {
    const counter = COUNTER[name] ?? name;
    counters.delete(counter);
    return [counter, size(data, `${name}4`), size(data, `${name}6`), ...packets(data, counter)];
  });
  const others = [...counters].map((name) => [name, '', '', ...packets(data, name)]);
  const header = ['', 'IPV4', 'IPV6', 'PACKETS', 'BYTES'];
  return `${lines.join('\n')}\n\n${table(header, [...rows, ...others])}`;
}

function isOption(name: string): name is keyof NftOptions {
  return NFT_OPTIONS.some((option) => option === name);
}

function settled({ trial, confirmed, level }: Data): string {
  if (trial !== null) {
    const before = confirmed ?? 'what stood before';
    return paint('yellow', `, on trial: confirm it within ${trial} s, or ${before} comes back`);
  }
  return confirmed === null ? ' (nothing was chosen yet)' : level === 'off' ? '' : ', confirmed';
}

function standsText({ stands, level, loaded }: Data): string {
  if (stands) return `stands${loaded ? `, loaded ${localTime(Date.parse(loaded))}` : ''}`;
  return level === 'off'
    ? 'none of ours'
    : paint('red', "does not stand; 'ipcountry firewall load' puts it up");
}

function size({ sets }: Data, name: string): string {
  return String(sets[name] ?? 0);
}

function packets({ counters }: Data, name: string): string[] {
  const { packets: count = 0, bytes = 0 } = counters[name] ?? {};
  return [String(count), String(bytes)];
}
