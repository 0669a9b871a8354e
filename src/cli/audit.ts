import { resolve } from 'node:path';
import type { Command } from 'commander';
import { ASTERISK } from '../asterisk/index.ts';
import type { Check } from '../audit/check.ts';
import { differenceTo, runAfter } from '../audit/difference.ts';
import { auditJson } from './audit-json.ts';
import { describeAudit } from './audit-report.ts';
import { openAuditStore } from './audit-store.ts';
import { type Session, withSession } from './session.ts';
import { paint, table } from './terminal.ts';

interface Options {
  readonly skip?: readonly string[];
  readonly only?: readonly string[];
  readonly list?: boolean;
  readonly configFolder: string;
  readonly asterisk: string;
  readonly offline?: boolean;
  readonly save: boolean;
  readonly details?: boolean;
}

export function registerAudit(program: Command): void {
  program
    .command('audit')
    .description('look for weak spots in how Asterisk is set up; exit 1 on findings')
    .option('--skip <check...>', 'leave out checks, by id or group (always: audit.skip)')
    .option('--only <check...>', 'run these alone')
    .option('--list', 'show all checks, and run none')
    .option('--config-folder <folder>', "Asterisk's configuration", '/etc/asterisk')
    .option('--asterisk <command>', "how to call Asterisk's console", ASTERISK)
    .option('--offline', 'look at the files alone, not at this host: they may be those of another')
    .option('--no-save', 'do not keep what was found for the comparison with the next run')
    .option('--details', 'show every place, however many there are')
    .addHelpText(
      'after',
      `
Nothing is changed, and no secret is shown. As root it sees everything.

Examples:
  ipcountry audit
  ipcountry audit --only AMI HTTP --details
  ipcountry audit --skip SIP-110 --json
  ipcountry audit --offline --config-folder /srv/backup/etc/asterisk`,
    )
    .action((options: Options, command: Command) =>
      withSession(command, (session) => audit(session, options)),
    );
}

async function audit(session: Session, options: Options): Promise<void> {
  // Loaded here alone: no other verb needs the checks.
  const { CHECKS, openPbx, runChecks, selectChecks } = await import('../audit/index.ts');
  const named = options.only ? selectChecks(words(options.only), CHECKS) : new Set(CHECKS);
  const skip = selectChecks([...words(options.skip ?? []), ...session.config.audit.skip], CHECKS);
  const checks = CHECKS.filter((check) => named.has(check));
  if (options.list) return list(session, checks, skip);

  const now = Date.now();
  const folder = resolve(options.configFolder);
  const store = openAuditStore(session.config.databasePath, folder);
  try {
    const pbx = openPbx({
      folder,
      asterisk: options.asterisk,
      offline: options.offline ?? false,
      config: session.config,
      database: store.database,
      country: session.country,
      now,
    });
    const outcomes = await runChecks(
      checks.filter((check) => !skip.has(check)),
      pbx,
    );
    const before = store.lastRun();
    const difference = before && differenceTo(before, outcomes);
    const lost = options.save ? store.keep(runAfter(before, outcomes, now)) : undefined;
    const skipped = checks.filter((check) => skip.has(check));
    const report = { pbx, outcomes, skipped, difference };
    session.print(auditJson(report), () => describeAudit(report, options.details ?? false));
    if (lost !== undefined) session.remark(`not kept for the next run to compare with: ${lost}`);
    if (outcomes.some(({ findings }) => findings.length > 0)) process.exitCode = 1;
  } finally {
    store.close();
  }
}

/** `--skip A B`, `--skip A,B`. */
function words(values: readonly string[]): string[] {
  return values.flatMap((value) => value.split(',')).filter(Boolean);
}

function list(session: Session, checks: readonly Check[], skip: ReadonlySet<Check>): void {
  const data = checks.map((check) => {
    const { id, severity, title, why, mend } = check;
    return { id, severity, title, why, mend, skipped: skip.has(check) };
  });
  session.print(data, () =>
    table(
      ['CHECK', 'SEVERITY', 'TITLE'],
      data.map(({ id, severity, title, skipped }) => [
        id,
        severity,
        skipped ? paint('dim', `${title} (skipped)`) : title,
      ]),
    ),
  );
}
