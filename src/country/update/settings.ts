import { existsSync } from 'node:fs';
import type { Config } from '../../config.ts';
import { fault } from '../../errors.ts';
import { type CountryPaths, countryPaths } from '../country-data.ts';
import { readGeoipConf } from './geoip-conf.ts';

/** Where country databases are downloaded from. */
export type Source =
  | { readonly kind: 'dbip'; readonly host: string }
  | {
      readonly kind: 'maxmind';
      readonly host: string;
      readonly accountId: string;
      readonly licenseKey: string;
      readonly countryEdition: string;
      readonly operatorEdition: string;
    };

export interface UpdateSettings {
  readonly source: Source;
  readonly paths: CountryPaths;
  /** A proxy for all requests; undefined: as HTTP_PROXY, HTTPS_PROXY and NO_PROXY say. */
  readonly proxy: string | undefined;
  /** Milliseconds in which failed requests are tried again. */
  readonly retryFor: number;
  readonly env: NodeJS.ProcessEnv;
}

const DBIP_HOST = 'https://download.db-ip.com';
const MAXMIND_HOST = 'https://updates.maxmind.com';

/** Where geoipupdate's packages put it. */
const GEOIP_CONF = '/etc/GeoIP.conf';

/** geoipupdate's default. */
const RETRY_FOR = 5 * 60_000;

/**
 * What an update needs to know, from the configuration and, for MaxMind, from an existing
 * GeoIP.conf and the GEOIPUPDATE_* variables. Our own configuration wins over both.
 * @throws Fault where no source is set, or account or key are missing
 */
export function updateSettings(
  config: Pick<Config, 'country' | 'dataFolder'>,
  env: NodeJS.ProcessEnv = process.env,
): UpdateSettings {
  const { country } = config;
  const common = { paths: countryPaths(config), env };
  if (country.source === 'none') throw fault('update-no-source');
  if (country.source === 'dbip') {
    const source = { kind: 'dbip', host: country.host ?? DBIP_HOST } as const;
    return { ...common, source, proxy: country.proxy, retryFor: RETRY_FOR };
  }
  const file = country.geoip_conf ?? (existsSync(GEOIP_CONF) ? GEOIP_CONF : undefined);
  const conf = readGeoipConf(file, env);
  const accountId = country.account_id ?? conf.accountId;
  const licenseKey = country.license_key ?? conf.licenseKey;
  if (!accountId || !licenseKey) throw fault('update-no-account');
  const edition = (ending: string) =>
    conf.editions?.find((id) => id.endsWith(ending)) ?? `GeoLite2${ending}`;
  return {
    ...common,
    source: {
      kind: 'maxmind',
      host: country.host ?? conf.host ?? MAXMIND_HOST,
      accountId,
      licenseKey,
      countryEdition: edition('-Country'),
      operatorEdition: edition('-ASN'),
    },
    proxy: country.proxy ?? conf.proxy,
    retryFor: conf.retryFor ?? RETRY_FOR,
  };
}
