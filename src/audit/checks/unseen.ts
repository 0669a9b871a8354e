import type { Setting } from '../../asterisk/index.ts';
import { type Check, type Finding, placed, unknown } from '../check.ts';
import { isLoaded } from '../modules.ts';
import type { Pbx } from '../pbx.ts';

/** Tables of extconfig.conf and objects of sorcery.conf that hold accounts. */
const ACCOUNTS =
  /^(sip(peers|users|regs)|iax(peers|users)|ps_(endpoints|auths|aors|endpoint_id_ips))$/i;
const OBJECTS = /^(endpoint|auth|aor|identify)(\/|$)/i;
const FILES = /^(sip|iax|pjsip|pjsip_wizard|users)\.conf$/i;

const database: Check = {
  id: 'SIP-200',
  severity: 'low',
  title: 'Accounts in a database, which the audit does not read',
  why: 'Of accounts that Asterisk takes from a database, nothing that the other checks ask is known.',
  mend: "Look them through by hand: 'pjsip show endpoints', 'sip show peers', and their secrets, permit and deny in the database.",
  run(pbx) {
    const some = [
      ...settingsIn(pbx, 'extconfig.conf', 'settings').filter(
        ({ name }) => ACCOUNTS.test(name) || FILES.test(name),
      ),
      ...settingsIn(pbx, 'sorcery.conf', 'res_pjsip', 'res_pjsip_endpoint_identifier_ip').filter(
        ({ name, value }) => OBJECTS.test(name) && /^realtime/i.test(value),
      ),
    ];
    const places = some.map((setting) => `${placed(setting)} ${setting.name}`);
    return places.length > 0 ? unknown(`kept in a database: ${places.join(', ')}`) : [];
  },
};

function settingsIn(pbx: Pbx, file: string, ...names: readonly string[]): Setting[] {
  return pbx
    .conf(file)
    .sections.filter(({ name, template }) => !template && names.includes(name))
    .flatMap(({ settings }) => settings);
}

/** Files that keep strangers out, and the module that reads each, where it need not be loaded. */
const READERS: Readonly<Record<string, string | undefined>> = {
  'asterisk.conf': undefined,
  'modules.conf': undefined,
  'extensions.conf': 'pbx_config',
  'manager.conf': undefined,
  'http.conf': undefined,
  'acl.conf': undefined,
  'ari.conf': 'res_ari',
  'pjsip.conf': 'res_pjsip',
  'pjsip_wizard.conf': 'res_pjsip_config_wizard',
  'sip.conf': 'chan_sip',
  'users.conf': undefined,
  'iax.conf': 'chan_iax2',
  'voicemail.conf': 'app_voicemail',
};

const broken: Check = {
  id: 'CONF-100',
  severity: 'high',
  title: 'Configuration files that Asterisk does not read to the end',
  why: 'At a mistake of this kind Asterisk takes nothing of the file, or nothing behind the mistake in an included one: after the next restart permit, deny or whole contexts are missing.',
  mend: "Mend the line, then 'core reload' at Asterisk's console, and look into its log for parse errors.",
  async run(pbx) {
    const findings: Finding[] = [];
    for (const [file, module] of Object.entries(READERS)) {
      if (module !== undefined && !(await isLoaded(pbx, module))) continue;
      findings.push(...ofFile(pbx, file));
    }
    return findings;
  },
};

/** `sip.conf:12: [1001] inherits from …: Asterisk reads no further`. */
const BREAK = /^(.*?:\d+): (.*): Asterisk reads no further$/;

function ofFile(pbx: Pbx, file: string): Finding[] {
  const { remarks, refused } = pbx.conf(file);
  const breaks = remarks.flatMap((remark) => {
    const [, where, what] = BREAK.exec(remark) ?? [];
    return where !== undefined && what !== undefined ? [{ where, what }] : [];
  });
  return breaks.map(({ where, what }, i) =>
    // The last is the one of the file itself, where it has one.
    refused && i === breaks.length - 1
      ? { where, found: `${what}: Asterisk takes nothing of ${file}` }
      : { where, found: `${what}: the rest of this file is not read`, severity: 'medium' },
  );
}

export const checks: readonly Check[] = [database, broken];
