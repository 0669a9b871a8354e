import { dirname, join } from 'node:path';
import type { Config } from '../config.ts';
import type { Answers, SourceAnswer } from './answers.ts';
import type { Facts } from './facts.ts';
import { managerHost } from './manager-account.ts';
import type { TomlChange } from './toml.ts';

/** A file that holds nothing but a secret. */
export interface SecretFile {
  readonly file: string;
  readonly secret: string;
}

/** What the answers mean for the configuration file, and the secrets that it names. */
export interface ConfigChanges {
  readonly changes: readonly TomlChange[];
  readonly secrets: readonly SecretFile[];
}

/** @param secret of the manager account; undefined where it is not written */
export function configChanges(
  facts: Facts,
  answers: Pick<Answers, 'source' | 'mail' | 'services'>,
  secret: string | undefined,
): ConfigChanges {
  const parts = [source(facts, answers.source), mail(facts, answers), ami(facts, secret)];
  return {
    changes: parts.flatMap(({ changes }) => changes),
    secrets: parts.flatMap(({ secrets }) => secrets),
  };
}

const NOTHING: ConfigChanges = { changes: [], secrets: [] };

function source({ config, configFile }: Facts, answer: SourceAnswer): ConfigChanges {
  const { country } = config;
  const set = (values: Record<string, string | undefined>): TomlChange[] =>
    Object.entries(values)
      .filter(([key, value]) => (country as Record<string, unknown>)[key] !== value)
      .map(([key, value]) => ({ section: 'country', key, value }));
  const noAccount = { account_id: undefined, license_key: undefined, license_key_file: undefined };
  switch (answer.kind) {
    case 'keep':
    case 'file':
      return NOTHING;
    case 'none':
    case 'dbip':
      return { changes: set({ source: answer.kind }), secrets: [] };
    case 'geoip-conf':
      // Account and key of our own would win over the file's.
      return {
        changes: set({ source: 'maxmind', geoip_conf: answer.file, ...noAccount }),
        secrets: [],
      };
    case 'maxmind': {
      const file = country.license_key_file ?? beside(configFile, 'maxmind-key');
      const same = country.license_key === answer.licenseKey && country.license_key_file === file;
      const account = { source: 'maxmind', account_id: answer.accountId };
      if (same) return { changes: set(account), secrets: [] };
      // The parsed key is the file's: what is set beside it goes, or both would be set.
      return {
        changes: [
          ...set({ ...account, license_key_file: file }),
          { section: 'country', key: 'license_key', value: undefined },
        ],
        secrets: [{ file, secret: answer.licenseKey }],
      };
    }
  }
}

function mail(
  { config }: Pick<Facts, 'config'>,
  answers: Pick<Answers, 'mail' | 'services'>,
): ConfigChanges {
  const { to, transport } = mailOf(config.mail, answers.mail, answers.services);
  const changes: TomlChange[] = [];
  if (to.join() !== config.mail.to.join()) changes.push({ section: 'mail', key: 'to', value: to });
  if (transport !== config.mail.transport) {
    changes.push({ section: 'mail', key: 'transport', value: transport });
  }
  return { changes, secrets: [] };
}

/**
 * How mail is to be sent. The services have no privilege at all, and a sendmail program needs some to
 * queue a mail: they send it to the mail server of this host themselves.
 */
export function mailOf(
  mail: Config['mail'],
  to: readonly string[],
  services: boolean,
): Config['mail'] {
  return { ...mail, to: [...to], transport: services && to.length > 0 ? 'smtp' : mail.transport };
}

function ami({ config, configFile, manager }: Facts, secret: string | undefined): ConfigChanges {
  if (secret === undefined || !manager) return NOTHING;
  const { ami } = config;
  const file = ami.secret_file ?? beside(configFile, 'ami-secret');
  const changes: TomlChange[] = [{ section: 'ami', key: 'secret', value: undefined }];
  const host = managerHost(manager);
  if (ami.host !== host) changes.push({ section: 'ami', key: 'host', value: host });
  if (ami.port !== manager.port) changes.push({ section: 'ami', key: 'port', value: manager.port });
  if (ami.secret_file !== file) changes.push({ section: 'ami', key: 'secret_file', value: file });
  return { changes, secrets: [{ file, secret }] };
}

function beside(configFile: string, name: string): string {
  return join(dirname(configFile), name);
}
