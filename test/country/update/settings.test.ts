import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Config } from '../../../src/config.ts';
import { readGeoipConf } from '../../../src/country/update/geoip-conf.ts';
import { updateSettings } from '../../../src/country/update/index.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ipcountry-test-'));
  file = join(folder, 'GeoIP.conf');
});
afterEach(() => rmSync(folder, { recursive: true }));

function conf(text: string, env: NodeJS.ProcessEnv = {}) {
  writeFileSync(file, text);
  return readGeoipConf(file, env);
}

describe('GeoIP.conf', () => {
  it('as geoipupdate installs and documents it', () => {
    const text = `# GeoIP.conf file for \`geoipupdate\` program
# Replace YOUR_ACCOUNT_ID_HERE with an active account ID.
AccountID 123456
LicenseKey aKey
EditionIDs GeoLite2-ASN   GeoIP2-Country GeoLite2-City

# The remaining settings are OPTIONAL.
# DatabaseDirectory /usr/share/GeoIP
DatabaseDirectory /srv/geo ip
Host updates.example.com
Proxy 192.0.2.8:8888
ProxyUserPassword jo:pa:ss@word
PreserveFileTimes 0
RetryFor 1h2m3.5s
Parallelism 1
`;
    expect(conf(text)).toEqual({
      accountId: '123456',
      licenseKey: 'aKey',
      editions: ['GeoLite2-ASN', 'GeoIP2-Country', 'GeoLite2-City'],
      host: 'https://updates.example.com',
      proxy: 'http://jo:pa%3Ass%40word@192.0.2.8:8888/',
      retryFor: 3_723_500,
    });
  });

  it('with its older names, tabs, and lines from Windows', () => {
    expect(conf('UserId\t99\r\nProductIds GeoLite2-Country\r\n\r\n')).toEqual({
      accountId: '99',
      editions: ['GeoLite2-Country'],
    });
  });

  it('with keys that nobody knows', () => {
    expect(conf('Colour blue\nAccountID 1\nProtocol https')).toEqual({ accountId: '1' });
  });

  it.each([
    ['proxy.example', 'http://proxy.example:1080/'],
    ['proxy.example:80', 'http://proxy.example/'],
    ['http://proxy.example:3128', 'http://proxy.example:3128/'],
    ['socks5://proxy.example:1081', 'socks5://proxy.example:1081'],
    ['http://me:it@proxy.example:3128', 'http://me:it@proxy.example:3128/'],
  ])('Proxy %s → %s', (text, url) => {
    expect(conf(`Proxy ${text}`).proxy).toBe(url);
  });

  it("a user in the proxy's own address wins", () => {
    const { proxy } = conf('Proxy http://me:it@p.example:1\nProxyUserPassword you:that');
    expect(proxy).toBe('http://me:it@p.example:1/');
  });

  it.each([
    ['0', 0],
    ['5m', 300_000],
    ['90s', 90_000],
    ['250ms', 250],
    ['1.5h', 5_400_000],
  ])('RetryFor %s is %i ms', (text, ms) => {
    expect(conf(`RetryFor ${text}`).retryFor).toBe(ms);
  });

  it.each([
    ['AccountID 1\nLicenseKey', 'line 2: LicenseKey has no value'],
    ['RetryFor soon', "RetryFor must be a duration such as 5m, not 'soon'"],
    ['RetryFor 5', "RetryFor must be a duration such as 5m, not '5'"],
    ['Proxy http://[', 'Proxy is no address'],
    ['Proxy p.example\nProxyUserPassword nocolon', 'ProxyUserPassword must be user:password'],
  ])('%j: an error that names the file', (text, message) => {
    expect(() => conf(text)).toThrow(message);
    expect(() => conf(text)).toThrow(file);
  });

  it('not there: an error that names the file', () => {
    expect(() => readGeoipConf(file, {})).toThrow(`${file}: can't be read (ENOENT)`);
  });
});

describe('GEOIPUPDATE_* variables', () => {
  it('override the file', () => {
    const env = {
      GEOIPUPDATE_ACCOUNT_ID: '2',
      GEOIPUPDATE_LICENSE_KEY: 'other',
      GEOIPUPDATE_EDITION_IDS: 'GeoIP2-Country',
      GEOIPUPDATE_HOST: 'other.example',
      GEOIPUPDATE_PROXY: 'p.example:1',
      GEOIPUPDATE_PROXY_USER_PASSWORD: 'a:b',
      GEOIPUPDATE_RETRY_FOR: '1s',
    };
    const expected = {
      accountId: '2',
      licenseKey: 'other',
      editions: ['GeoIP2-Country'],
      host: 'https://other.example',
      proxy: 'http://a:b@p.example:1/',
      retryFor: 1_000,
    };
    expect(conf('AccountID 1\nLicenseKey x\nHost h\nProxy q\nRetryFor 5m', env)).toEqual(expected);
    expect(readGeoipConf(undefined, env)).toEqual(expected);
  });

  it('may name files with account and key, as in a container', () => {
    writeFileSync(join(folder, 'id'), '77\n');
    writeFileSync(join(folder, 'key'), 'fromFile\n');
    const env = {
      GEOIPUPDATE_ACCOUNT_ID_FILE: join(folder, 'id'),
      GEOIPUPDATE_LICENSE_KEY_FILE: join(folder, 'key'),
    };
    expect(readGeoipConf(undefined, env)).toEqual({ accountId: '77', licenseKey: 'fromFile' });
  });
});

describe('settings', () => {
  const config = (country: Partial<Config['country']>) => ({
    country: { source: 'none' as const, schedule: '', ...country },
    dataFolder: '/d',
  });

  it('without a source there is nothing to update from', () => {
    expect(() => updateSettings(config({}), {})).toThrow('country.source');
  });

  it('DB-IP needs nothing', () => {
    expect(updateSettings(config({ source: 'dbip' }), {})).toMatchObject({
      source: { kind: 'dbip', host: 'https://download.db-ip.com' },
      paths: { country: '/d/country.mmdb' },
      proxy: undefined,
    });
  });

  it("MaxMind needs an account; our own configuration wins over GeoIP.conf's", () => {
    writeFileSync(
      file,
      'AccountID 1\nLicenseKey fromConf\nEditionIDs GeoIP2-Country\nHost h.example',
    );
    const env = {};
    const found = updateSettings(config({ source: 'maxmind', geoip_conf: file }), env);
    expect(found.source).toEqual({
      kind: 'maxmind',
      host: 'https://h.example',
      accountId: '1',
      licenseKey: 'fromConf',
      countryEdition: 'GeoIP2-Country',
      operatorEdition: 'GeoLite2-ASN',
    });
    const own = {
      account_id: '2',
      license_key: 'own',
      host: 'http://127.0.0.1:1',
      proxy: 'http://p',
    };
    expect(
      updateSettings(config({ source: 'maxmind', geoip_conf: file, ...own }), env),
    ).toMatchObject({
      source: { accountId: '2', licenseKey: 'own', host: 'http://127.0.0.1:1' },
      proxy: 'http://p',
    });
    writeFileSync(file, 'AccountID 1');
    expect(() => updateSettings(config({ source: 'maxmind', geoip_conf: file }), env)).toThrow(
      'country.license_key',
    );
  });
});
