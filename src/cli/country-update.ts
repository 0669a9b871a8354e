import type { Command } from 'commander';
import { countryPaths } from '../country/index.ts';
import type { UpdateResult } from '../country/update/index.ts';
import { type Progress, progressBar } from './progress.ts';
import { type Session, withSession } from './session.ts';
import { localTime, paint } from './terminal.ts';

/** Loaded when it is needed: it brings an HTTP client, which no other verb should wait for. */
const loadUpdate = () => import('../country/update/index.ts');

interface Options {
  readonly force?: boolean;
  readonly from?: string;
}

export function registerCountryUpdate(country: Command): void {
  country
    .command('update')
    .description('get the newest country database; calls are answered from the old one meanwhile')
    .option('--from <file>', 'take this file (mmdb, plain, gzipped or in a tar), download nothing')
    .option('--force', 'take a file that is older than the present one, or much smaller')
    .addHelpText(
      'after',
      `
Where it is downloaded from: country.source in the configuration, 'dbip' (no account) or 'maxmind'.

Examples:
  ipcountry country update
  ipcountry country update --from dbip-country-lite.mmdb.gz`,
    )
    .action((options: Options, command: Command) =>
      withSession(command, (session) => update(session, options)),
    );
}

async function update(session: Session, options: Options): Promise<void> {
  const force = options.force ?? false;
  const bars = { download: progressBar('download'), check: progressBar('check') };
  const checked = (done: number) => {
    bars.download.end();
    bars.check.update(done);
  };
  let results: UpdateResult[];
  try {
    results = options.from
      ? [await install(session, options.from, force, checked)]
      : await download(session, force, bars.download, checked);
  } finally {
    bars.download.end();
    bars.check.end();
  }
  session.print(results.map(jsonOf), () => results.map(describe).join('\n'));
  const refused = results.find((result) => result.outcome === 'refused');
  if (refused) throw refused.refusal;
}

async function install(
  session: Session,
  file: string,
  force: boolean,
  checked: (done: number) => void,
): Promise<UpdateResult> {
  const { country: path } = countryPaths(session.config);
  const { installFile } = await loadUpdate();
  return installFile(file, { which: 'countries', path }, { force, checked });
}

async function download(
  session: Session,
  force: boolean,
  bar: Progress,
  checked: (done: number) => void,
): Promise<UpdateResult[]> {
  const { updateFiles, updateSettings } = await loadUpdate();
  const settings = updateSettings(session.config);
  session.remark(`asking ${new URL(settings.source.host).host} for a newer file`);
  const progress = (bytes: number, total: number | undefined) => {
    if (total) bar.update(bytes / total);
  };
  return updateFiles(settings, { log: session.log, force, progress, checked });
}

function jsonOf(result: UpdateResult) {
  const { which, path, outcome } = result;
  if (result.outcome === 'refused') return { which, path, outcome, reason: result.refusal.message };
  if (result.outcome === 'unchanged') return { which, path, outcome };
  const { facts, networks, networksBefore } = result;
  return {
    which,
    path,
    outcome,
    type: facts.type,
    built: facts.builtAt.toISOString(),
    networks,
    networksBefore: networksBefore ?? null,
  };
}

function describe(result: UpdateResult): string {
  if (result.outcome === 'unchanged') return `${result.path}: is the newest already`;
  if (result.outcome === 'refused') return `${result.path}: ${paint('red', 'not updated')}`;
  const { path, facts, networks, networksBefore } = result;
  const before = networksBefore === undefined ? '' : ` (${figure(networksBefore)} before)`;
  const built = localTime(facts.builtAt.getTime()).slice(0, 10);
  return `${path}: ${paint('green', 'updated')}, ${facts.type} of ${built}, ${figure(networks)} networks${before}`;
}

function figure(count: number): string {
  return count.toLocaleString('en');
}
