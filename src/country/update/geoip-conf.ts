import { readFileSync } from 'node:fs';
import { fault } from '../../errors.ts';

/** What an existing set-up of geoipupdate says, as far as it matters here. All optional. */
export interface GeoipConf {
  accountId?: string;
  licenseKey?: string;
  editions?: string[];
  /** With its scheme. */
  host?: string;
  /** A URL, with user and password where there are any. */
  proxy?: string;
  /** Milliseconds in which failed requests are tried again. */
  retryFor?: number;
}

/** Keys of GeoIP.conf, their older names, and the variables that override them. */
const KEYS = [
  { name: 'AccountID', old: 'UserId', variable: 'GEOIPUPDATE_ACCOUNT_ID' },
  { name: 'LicenseKey', old: undefined, variable: 'GEOIPUPDATE_LICENSE_KEY' },
  { name: 'EditionIDs', old: 'ProductIds', variable: 'GEOIPUPDATE_EDITION_IDS' },
  { name: 'Host', old: undefined, variable: 'GEOIPUPDATE_HOST' },
  { name: 'Proxy', old: undefined, variable: 'GEOIPUPDATE_PROXY' },
  { name: 'ProxyUserPassword', old: undefined, variable: 'GEOIPUPDATE_PROXY_USER_PASSWORD' },
  { name: 'RetryFor', old: undefined, variable: 'GEOIPUPDATE_RETRY_FOR' },
] as const;

/** Port of a proxy that is given without one, as geoipupdate (and curl before it) has it. */
const PROXY_PORT = '1080';

/**
 * Reads GeoIP.conf and the GEOIPUPDATE_* variables, which override it.
 * @param file none: the variables alone
 * @throws Fault that names file and line
 */
export function readGeoipConf(file: string | undefined, env: NodeJS.ProcessEnv): GeoipConf {
  const values = new Map<string, string>();
  if (file !== undefined) {
    for (const [key, value] of parseLines(readText(file), file)) values.set(key, value);
  }
  for (const { name, variable } of KEYS) {
    const secretFile = env[`${variable}_FILE`]; // for account and key, as in a container
    const value = secretFile ? readText(secretFile).trim() : env[variable];
    if (value) values.set(name, value);
  }
  const where = file ?? 'GEOIPUPDATE_*';
  const conf: GeoipConf = {};
  const [accountId, licenseKey] = [values.get('AccountID'), values.get('LicenseKey')];
  if (accountId) conf.accountId = accountId;
  if (licenseKey) conf.licenseKey = licenseKey;
  const editions = values.get('EditionIDs');
  if (editions) conf.editions = editions.split(/\s+/);
  const host = values.get('Host');
  if (host) conf.host = withScheme(host, 'https');
  const proxy = values.get('Proxy');
  if (proxy) conf.proxy = proxyUrl(proxy, values.get('ProxyUserPassword'), where);
  const retryFor = values.get('RetryFor');
  if (retryFor) conf.retryFor = duration(retryFor, where);
  return conf;
}

/** `Key value` lines; empty ones and those that begin with # are skipped, unknown keys too. */
function parseLines(text: string, file: string): [key: string, value: string][] {
  return text.split(/\r?\n/).flatMap((line, i): [string, string][] => {
    const [key, ...rest] = line.trim().split(/\s+/);
    if (!key || key.startsWith('#')) return [];
    if (rest.length === 0)
      throw fault('geoip-conf', `${file} line ${i + 1}`, `${key} has no value`);
    const known = KEYS.find(({ name, old }) => name === key || old === key);
    return known ? [[known.name, rest.join(' ')]] : [];
  });
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw fault('config-unreadable', file, (cause as NodeJS.ErrnoException).code ?? 'error');
  }
}

function withScheme(text: string, scheme: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `${scheme}://${text}`;
}

/** User and password in the proxy's own URL win over those given apart. */
function proxyUrl(text: string, userPassword: string | undefined, where: string): string {
  const full = withScheme(text, 'http');
  const url = URL.canParse(full) ? new URL(full) : undefined;
  if (!url?.hostname) throw fault('geoip-conf', where, 'Proxy is no address');
  // A port that is the scheme's default looks like none in a parsed URL: read the text.
  if (url.port === '' && !/:\d+\/?$/.test(text)) url.port = PROXY_PORT;
  if (url.username === '' && userPassword !== undefined) {
    const colon = userPassword.indexOf(':');
    if (colon < 0) throw fault('geoip-conf', where, 'ProxyUserPassword must be user:password');
    url.username = encodeURIComponent(userPassword.slice(0, colon));
    url.password = encodeURIComponent(userPassword.slice(colon + 1));
  }
  return url.href;
}

const UNITS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };

/** A duration as Go writes it: `5m`, `1h30m`, `90s`, `0`. @returns milliseconds */
function duration(text: string, where: string): number {
  if (text === '0') return 0;
  if (!/^(\d+(\.\d+)?(ms|[hms]))+$/.test(text)) {
    throw fault('geoip-conf', where, `RetryFor must be a duration such as 5m, not '${text}'`);
  }
  let sum = 0;
  for (const [, number, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[hms])/g)) {
    sum += Number(number) * UNITS[unit!]!;
  }
  return sum;
}
