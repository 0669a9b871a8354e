import { join } from 'node:path';
import { type Section, type Setting, settingOf } from '../../asterisk/index.ts';
import { ofUsersConf } from '../accounts/index.ts';
import { type Check, type Finding, placed, unknown } from '../check.ts';
import { directoryOf } from '../directory.ts';
import { isLoaded } from '../modules.ts';
import { someOf } from '../names.ts';
import type { Pbx } from '../pbx.ts';
import { pinWeakness } from '../pin.ts';

interface Mailbox {
  readonly name: string;
  readonly context: Section;
  /** Undefined where it is kept in the spool folder and can't be read there. */
  readonly pin: string | undefined;
}

const pins: Check = {
  id: 'VM-100',
  severity: 'medium',
  title: 'Mailboxes with PINs that are easily guessed',
  why: 'Who calls in and dials into a mailbox hears its messages, changes its greeting so that it accepts collect calls, and calls back or dials out at your expense where voicemail.conf allows that.',
  mend: 'Another PIN in voicemail.conf, or by the owner in the voicemail menu, 4 digits or more that are neither the extension nor a row. FreePBX: Extensions → the extension → Voicemail → Voicemail Password.',
  async run(pbx) {
    const modules = ['app_voicemail', 'app_voicemail_imap', 'app_voicemail_odbc'];
    const loaded = await Promise.all(modules.map((module) => isLoaded(pbx, module)));
    if (!loaded.includes(true)) return [];
    const mailboxes = mailboxesOf(pbx);
    const findings = findingsOf(mailboxes);
    const unseen = mailboxes.filter(({ pin }) => pin === undefined);
    if (findings.length > 0 || unseen.length === 0) return findings;
    return unknown(
      `PINs are in Asterisk's spool folder on its host: ${someOf(unseen.map(({ name }) => name))}`,
    );
  },
};

/** One for each weakness in each context: FreePBX often has them by the hundred. */
function findingsOf(mailboxes: readonly Mailbox[]): Finding[] {
  const weak = new Map<string, { where: string; weakness: string; names: string[] }>();
  for (const { name, context, pin } of mailboxes) {
    const weakness = pin === undefined ? undefined : pinWeakness(pin, name);
    if (weakness === undefined) continue;
    const where = placed(context, context.name);
    const group = weak.get(`${where} ${weakness}`) ?? { where, weakness, names: [] };
    group.names.push(name);
    weak.set(`${where} ${weakness}`, group);
  }
  return [...weak.values()].map(({ where, weakness, names }) => ({
    where,
    found: `the PIN of ${names.length === 1 ? 'a mailbox' : `${names.length} mailboxes`} ${weakness}: ${someOf(names)}`,
  }));
}

function mailboxesOf(pbx: Pbx): Mailbox[] {
  const { sections } = pbx.conf('voicemail.conf');
  const general = sections.find(({ name }) => name.toLowerCase() === 'general');
  const spool =
    general && settingOf(general, 'passwordlocation')?.value.toLowerCase() === 'spooldir';
  return [
    ...sections
      .filter(({ name, template }) => !template && !/^(general|zonemessages|aliases)$/i.test(name))
      .flatMap((context) =>
        context.settings.map((setting) => ({
          ...{ name: setting.name, context },
          pin: spool ? spooled(pbx, context.name, setting) : pinOf(setting),
        })),
      ),
    ...fromUsersConf(pbx),
  ];
}

/** `1001 => 4242,Reception,…`; a `-` in front keeps the owner from changing it. */
function pinOf({ value }: Setting): string {
  return value.split(',')[0]!.trim().replace(/^-/, '');
}

/** Where it was changed by its owner, the one of the spool folder counts (app_voicemail.c, append_mailbox). */
function spooled(pbx: Pbx, context: string, setting: Setting): string | undefined {
  if (!pbx.host) return undefined;
  const spool = directoryOf(pbx, 'astspooldir', '/var/spool/asterisk');
  const text = pbx.host.read(join(spool, 'voicemail', context, setting.name, 'secret.conf'));
  const kept = text === undefined ? undefined : /^\s*password\s*=>?\s*(.*?)\s*$/m.exec(text)?.[1];
  return kept?.replace(/^-/, '') ?? pinOf(setting);
}

function fromUsersConf(pbx: Pbx): Mailbox[] {
  return ofUsersConf(pbx, 'hasvoicemail').flatMap((section) => {
    const secret = settingOf(section, 'vmsecret');
    return secret ? [{ name: section.name, context: section, pin: secret.value }] : [];
  });
}

export const checks: readonly Check[] = [pins];
