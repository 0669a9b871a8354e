import type { Command } from 'commander';

export interface PeerOptions {
  readonly peers?: boolean;
  readonly freepbx?: boolean;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly for?: string;
  readonly note?: string;
  readonly force?: boolean;
}

/** The options of `permit` that find the addresses by themselves. */
export function addPeerOptions(verb: Command): void {
  verb
    .option('--peers', 'whom Asterisk knows now: permit for phones, trust for trunks; asks first')
    .option('--freepbx', "the same for the addresses in FreePBX's database")
    .option('--dry-run', 'with these: only show what would be permitted')
    .option('--yes', "with these: don't ask, take all that is shown");
}

/**
 * Whether `permit` was asked to find the addresses by itself.
 * @throws CommanderError where the options don't go together
 */
export function findsPeers(
  command: Command,
  subjects: readonly string[],
  options: PeerOptions,
): boolean {
  const finds = options.peers === true || options.freepbx === true;
  if (finds && subjects.length > 0) {
    command.error(
      'error: --peers and --freepbx find the addresses by themselves: name none beside',
    );
  }
  if (!finds && options.dryRun) command.error('error: --dry-run goes with --peers or --freepbx');
  if (!finds && subjects.length === 0) {
    command.error("error: missing required argument 'subject', or --peers or --freepbx");
  }
  return finds;
}
