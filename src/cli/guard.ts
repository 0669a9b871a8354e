import type { Command } from 'commander';
import { loadConfig } from '../config.ts';
import { countryName } from '../country/index.ts';
import { Fault } from '../errors.ts';
import type { Found } from '../guard/index.ts';
import { createLog } from '../log.ts';
import { serviceManager } from '../notify.ts';
import { registerGuardBlocks } from './guard-blocks.ts';
import { askedToStop } from './serve.ts';
import { type Session, withSession } from './session.ts';
import { sshAddress } from './ssh.ts';
import { paint, shown, table } from './terminal.ts';

export function registerGuard(program: Command): void {
  const guard = program
    .command('guard')
    .description('shut strangers out who register or try passwords')
    .option('--dry-run', 'say what would be done, and change nothing')
    .addHelpText(
      'after',
      `
Without a verb of its own, guard runs until it is stopped.

Examples:
  ipcountry guard list
  ipcountry guard once --dry-run
  ipcountry guard unblock 203.0.113.7`,
    );
  guard
    .command('run', { isDefault: true })
    .allowExcessArguments() // see below
    .description('guard until stopped: a process of its own, with CAP_NET_ADMIN')
    .addHelpText(
      'after',
      `
Signals: SIGTERM and SIGINT stop it, blocks stay; SIGHUP reads the configuration anew.

Example:
  ipcountry guard run`,
    )
    .action(run);
  guard
    .command('once')
    .description('look once, for cron; exit 1 where a stranger was found')
    .addHelpText('after', '\nExamples:\n  ipcountry guard once\n  ipcountry guard once --dry-run')
    .action((_options: object, command: Command) =>
      withSession(command, (session) => once(session, isDryRun(command))),
    );
  guard
    .command('list')
    .description('show each endpoint with its address, country, and ok or ko')
    .addHelpText('after', '\nExample:\n  ipcountry guard list')
    .action((_options: object, command: Command) =>
      withSession(command, async (session) => {
        const { listPeers } = await import('./peers.ts');
        const peers = await listPeers(session);
        session.print(peers.rows, () => peers.text());
      }),
    );
  registerGuardBlocks(guard);
}

function isDryRun(command: Command): boolean {
  return command.optsWithGlobals<{ dryRun?: boolean }>().dryRun ?? false;
}

async function run(_options: object, command: Command): Promise<void> {
  // A mistyped verb comes here as an argument, and would be called one too many for 'run'.
  const [mistyped] = command.args;
  if (mistyped !== undefined) {
    const verbs = command.parent!.commands.map((verb) => verb.name()).join(', ');
    command.error(`error: unknown command '${mistyped}': guard has ${verbs}`);
  }
  const { config: file } = command.optsWithGlobals<{ config?: string }>();
  const { runGuard } = await import('../guard/index.ts'); // no other verb needs the whole of it
  const config = loadConfig(file);
  const log = createLog(config.log.level);
  const options = { log, dryRun: isDryRun(command), administrator: sshAddress() };
  const systemd = serviceManager();
  // Before the start: a signal may come as soon as the log says that the guard is ready.
  const stop = askedToStop();
  let guard = await runGuard({ ...options, config });
  systemd.ready(() => guard.turns());
  let reloading = Promise.resolve();

  async function reload(): Promise<void> {
    const fresh = loadConfig(file); // a mistake in it leaves the guard as it is
    await guard.stop();
    log.level = fresh.log.level;
    guard = await runGuard({ ...options, config: fresh });
    log.info({ config: fresh.file }, 'configuration reloaded');
  }

  process.on('SIGHUP', () => {
    reloading = reloading
      .then(() => systemd.reloading(reload))
      .catch((cause) => {
        log.error(
          cause instanceof Fault ? { fault: cause.message } : { err: cause },
          'reload failed',
        );
        // Stopped, and not started again: better that the service is, than a guard that does not guard.
        if (!guard.running()) process.exit(2);
      });
  });
  await stop;
  systemd.stopping();
  await reloading;
  await guard.stop();
}

async function once(session: Session, dryRun: boolean): Promise<void> {
  const { guardOnce } = await import('../guard/index.ts');
  const { config, log } = session;
  const found = await guardOnce({ config, log, dryRun, administrator: sshAddress() });
  session.print(found, () => (found.length === 0 ? 'no stranger found' : foundTable(found)));
  if (found.length > 0) process.exitCode = 1;
}

function foundTable(found: readonly Found[]): string {
  return table(
    ['SOURCE', 'COUNTRY', 'ENDPOINT', 'REASON', 'SEEN', ''],
    found.map(({ source, country, endpoint, reason, evidence, outcome, spared }) => [
      source,
      country === undefined ? 'unknown' : `${country} ${countryName(country) ?? ''}`,
      shown(endpoint),
      reason,
      shown(evidence),
      spared === undefined ? paint('red', outcome) : `never blocked: ${spared}`,
    ]),
  );
}
