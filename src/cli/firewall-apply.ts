import type { Command } from 'commander';
import { formatAddress } from '../address/index.ts';
import { fault } from '../errors.ts';
import {
  applyOnTrial,
  countSpans,
  currentTrial,
  type NftPlan,
  nftProgram,
  openFirewall,
  openPlanner,
  rollbackText,
  secondsLeft,
  spansHold,
  standingTable,
  tableText,
} from '../firewall/index.ts';
import { getMode } from '../policy/index.ts';
import {
  addChoiceOptions,
  type ChoiceOptions,
  choiceOf,
  countriesOf,
  firewallLog,
  refuseText,
} from './firewall-parts.ts';
import { watcherStarter } from './firewall-watch.ts';
import { type Session, withSession } from './session.ts';
import { sshAddress } from './ssh.ts';
import { localTime, paint } from './terminal.ts';

interface Options extends ChoiceOptions {
  readonly dryRun?: boolean;
  readonly force?: boolean;
}

export function registerApply(firewall: Command): void {
  const command = firewall
    .command('apply')
    .description('choose what the firewall does, on trial until it is confirmed');
  addChoiceOptions(command)
    .option('--dry-run', 'show the difference, and change nothing')
    .option('--force', 'insist where it would shut everyone out')
    .addHelpText(
      'after',
      `
What is not named stays as it was confirmed. Without 'ipcountry firewall confirm' within 60 s all is
rolled back, even where your session is gone by then.

Examples:
  ipcountry firewall apply --level sip --invalid --rates --dry-run
  ipcountry firewall apply --level sip --invalid --rates
  ipcountry firewall apply --no-rates`,
    )
    .action((options: Options, self: Command) =>
      withSession(self, (session) => apply(session, options)),
    );
}

async function apply(session: Session, options: Options): Promise<void> {
  refuseText(options);
  const { config } = session;
  const database = session.database();
  const country = countriesOf(session);
  const parts = { database, country, config, log: firewallLog(session) };
  const nft = nftProgram(config.firewall.nft);
  if (!options.dryRun) await refusePending(session, parts);
  const planner = openPlanner(parts);
  const choice = choiceOf(session, options);
  const plan = await planner.plan(choice);
  const remarks = [...remarksOn(session, plan), ...(country.problem ? [country.problem] : [])];
  refuseEmpty(plan, options.force ?? false);
  const standing = await standingTable(nft);
  await nft.check(tableText(plan));
  // What compares texts is large, other verbs need none of it.
  const { differenceOf, differenceText } = await import('./firewall-difference.ts');
  const difference = await differenceOf(database, planner, plan, standing);
  const end = options.dryRun ? undefined : await begin();
  session.print({ ...difference, dryRun: end === undefined, ...end, remarks }, () =>
    [
      ...differenceText(difference),
      end === undefined
        ? 'nothing was changed'
        : `${paint('bold', 'on trial')} until ${localTime(Date.parse(end.until))}: 'ipcountry firewall confirm' keeps it, else it is rolled back in ${end.seconds} s`,
    ].join('\n'),
  );
  for (const remark of remarks) session.remark(`note: ${remark}`);

  async function begin(): Promise<{ until: string; seconds: number }> {
    const rollback = await rollbackText(database, planner, standing !== undefined);
    const trial = await applyOnTrial(
      { database, nft, startWatcher: watcherStarter(config) },
      choice,
      plan,
      rollback,
    );
    return { until: new Date(trial.until).toISOString(), seconds: secondsLeft(trial, Date.now()) };
  }
}

/** One trial at a time: of two, nobody would know what a confirm confirms. */
async function refusePending(
  session: Session,
  parts: Parameters<typeof openFirewall>[0],
): Promise<void> {
  if (await openFirewall(parts).rollbackOverdue()) {
    session.remark('note: the last apply was not confirmed, and is rolled back now');
  }
  const trial = currentTrial(session.database());
  if (trial) throw fault('firewall-pending', secondsLeft(trial, Date.now()));
}

function refuseEmpty({ level, lists }: NftPlan, insist: boolean): void {
  if (level === 'blocks' || insist || countSpans(lists.permit) > 0) return;
  throw fault('firewall-empty', level);
}

function* remarksOn(session: Session, { level, ports, lists }: NftPlan): Generator<string> {
  const database = session.database();
  if (getMode(database) === 'monitor') {
    yield 'in monitor mode calls pass, but the firewall drops all the same';
  }
  const more = ports.ssh.filter((port) => !session.config.firewall.ssh_ports.includes(port));
  for (const port of more) {
    yield `your SSH session came in at port ${port}, which stays open too; set firewall.ssh_ports to make that last`;
  }
  const administrator = sshAddress();
  if (level !== 'server' || !administrator) return;
  const has = (list: 'trust' | 'deny' | 'permit') => spansHold(lists[list], administrator);
  if (has('trust') || (has('permit') && !has('deny'))) return;
  yield `${formatAddress(administrator)}, where you come from, is not permitted: SSH stays open to it, and nothing else`;
}
