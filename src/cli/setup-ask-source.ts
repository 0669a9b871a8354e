import { existsSync } from 'node:fs';
import { fault } from '../errors.ts';
import type { Facts, SourceAnswer } from '../setup/index.ts';
import { checkedAccountId, GEOIP_CONF } from './setup-flags.ts';
import type { Choice, Prompts } from './setup-prompts.ts';

type Kind = SourceAnswer['kind'];

/** Where country data is to come from. */
export async function askSource(facts: Facts, prompts: Prompts): Promise<SourceAnswer> {
  const { config, present } = facts;
  const { source, geoip_conf, account_id } = config.country;
  const keeps = source !== 'none' || !present.sample;
  const choices: Choice<Kind>[] = [
    ...(keeps
      ? [
          {
            value: 'keep' as const,
            label: `As it is (${present.sample ? source : 'there is data'})`,
          },
        ]
      : []),
    { value: 'dbip', label: 'DB-IP Lite', hint: 'no account needed' },
    { value: 'maxmind', label: 'MaxMind GeoLite2', hint: 'with account and licence key' },
    ...(existsSync(geoip_conf ?? GEOIP_CONF)
      ? [
          {
            value: 'geoip-conf' as const,
            label: 'MaxMind, as in GeoIP.conf',
            hint: geoip_conf ?? GEOIP_CONF,
          },
        ]
      : []),
    { value: 'file', label: 'A file that I have', hint: '.mmdb, .mmdb.gz or .tar.gz' },
    { value: 'none', label: 'None for now', hint: 'hardly any address then has a country' },
  ];
  const message = 'Which country is an address in? Where the data for that comes from:';
  const kind = await prompts.one(message, choices, keeps ? 'keep' : 'dbip');
  switch (kind) {
    case 'maxmind':
      return {
        kind,
        accountId: (
          await prompts.text('MaxMind account ID', account_id ?? '', checkedAccountId)
        ).trim(),
        licenseKey: (await prompts.secret('MaxMind licence key')).trim(),
      };
    case 'geoip-conf':
      return { kind, file: geoip_conf ?? GEOIP_CONF };
    case 'file':
      return { kind, file: await prompts.text('Which file?', '', checkedFile) };
    default:
      return { kind };
  }
}

function checkedFile(text: string): void {
  if (!existsSync(text)) throw fault('file-read', text, 'ENOENT');
}
