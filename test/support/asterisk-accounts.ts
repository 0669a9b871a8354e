import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  anonymousEndpoints,
  iaxAccounts,
  pjsipAccounts,
  pjsipObjects,
  sipAccounts,
} from '../../src/audit/accounts/index.ts';
import type { ConfigAsker } from './asterisk-config.ts';
import type { Pbx } from './asterisk-pbx.ts';
import { until } from './asterisk-until.ts';
import { auditFiles } from './audit.ts';

const SAMPLES = new URL('../audit/files/', import.meta.url).pathname;

/** Files that a channel driver makes accounts of, and the lists that they name. */
const FILES = ['sip.conf', 'users.conf', 'iax.conf', 'pjsip.conf', 'pjsip_wizard.conf', 'acl.conf'];

/** Bad samples of the audit's checks in which there is something for this driver: `SIP-140/bad`. */
export function samplesFor(channel: 'PJSIP' | 'SIP'): string[] {
  const own =
    channel === 'PJSIP' ? ['pjsip.conf', 'pjsip_wizard.conf'] : ['sip.conf', 'users.conf'];
  return readdirSync(SAMPLES)
    .filter((id) => /^(SIP|TRUNK|CRYPT)-/.test(id))
    .flatMap((id) => readdirSync(join(SAMPLES, id)).map((name) => `${id}/${name}`))
    .filter((sample) => sample.includes('/bad'))
    .filter((sample) =>
      [...own, 'iax.conf'].some((file) => existsSync(join(SAMPLES, sample, file))),
    );
}

/**
 * Puts a sample into Asterisk's configuration and has it loaded.
 * @param marker an account of this name is added, by which it is told that it has been
 */
export async function loadSample(
  { asterisk }: Pbx,
  asker: ConfigAsker,
  sample: string,
  marker: string,
): Promise<void> {
  const { etc, version } = asterisk;
  for (const file of FILES) writeFileSync(join(etc, file), '');
  const from = join(SAMPLES, sample);
  const wanted = /^(sip|users|iax|pjsip|acl)[._].*conf$|^(sip|users|iax|pjsip|acl)\.conf$/;
  for (const file of readdirSync(from).filter((name) => wanted.test(name))) {
    cpSync(join(from, file), join(etc, file));
  }
  const add = (file: string, text: string) => {
    const before = readFileSync(join(etc, file), 'utf8');
    writeFileSync(join(etc, file), `${before}\n${text}`);
  };
  await asker.command('module reload acl');
  await asker.command('iax2 reload');
  if (version.channel === 'PJSIP') {
    // The wizard follows it.
    add('pjsip.conf', `[${marker}]\ntype=endpoint\n`);
    await asker.command('module reload res_pjsip.so');
  } else {
    add('sip.conf', `[${marker}]\ntype=user\n`);
    await asker.command('sip reload');
  }
  const shown = version.channel === 'PJSIP' ? 'pjsip show endpoints' : 'sip show users';
  await until(`${sample} to be loaded`, async () => (await asker.command(shown)).includes(marker));
}

/** The accounts as the running Asterisk has them, a line each: `SIP user 1001 in from-internal`. */
export async function accountsShown(asker: ConfigAsker): Promise<string[]> {
  const rows = async (command: string) =>
    (await asker.command(command)).split('\n').map((line) => line.split(/\s+/));
  const users = (technology: string, lines: readonly string[][], context: number) =>
    lines
      .filter((words) => /^(Yes|No)$/.test(words.at(context + 1) ?? ''))
      .map((words) => `${technology} user ${words[0]} in ${words.at(context)}`);
  const dynamic = (technology: string, lines: readonly string[][], mark: string) =>
    lines
      .filter((words) => words.includes(mark))
      .map((words) => `${technology} registers ${words[0]!.replace(/\/.*/, '')}`);
  return [
    ...[
      ...(await asker.command('pjsip show endpoints')).matchAll(/^ Endpoint: {2}([^\s/<]+)/gm),
    ].map(([, name]) => `PJSIP ${name}`),
    ...users('SIP', await rows('sip show users'), -3),
    ...dynamic('SIP', await rows('sip show peers'), 'D'),
    ...users('IAX2', await rows('iax2 show users'), -3),
    ...dynamic('IAX2', await rows('iax2 show peers'), '(D)'),
  ].sort();
}

/** Characters of a context that the console shows. */
const WIDTH = 15;

/** The same of what the audit reads. */
export function accountsRead(etc: string, channel: 'PJSIP' | 'SIP'): string[] {
  const pbx = auditFiles(etc);
  const driver =
    channel === 'SIP'
      ? sipAccounts(pbx)
      : [...pjsipAccounts(pbx), ...anonymousEndpoints(pjsipObjects(pbx))];
  const lines = [...driver, ...iaxAccounts(pbx)].flatMap((account) => {
    const technology = 'technology' in account ? account.technology : 'PJSIP';
    if (!('technology' in account) || technology === 'PJSIP') return [`PJSIP ${account.name}`];
    return [
      ...(account.named
        ? [`${technology} user ${account.name} in ${account.context.slice(0, WIDTH)}`]
        : []),
      ...(account.registers ? [`${technology} registers ${account.name}`] : []),
    ];
  });
  return lines.sort();
}
